/** Something SQL can be sent to: the database, or one transaction of it. */
export interface Queryable {
  /**
   * The rows of a statement. Without `values` the text may hold several statements; the rows are the last one's.
   * JSON goes in as a string, vectors as `[1,2]` text; numbers come back as numbers, also `bigint`s; dates as Date.
   */
  query<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
}

/** A PostgreSQL with pgvector: a server, or the embedded one. The same SQL runs on both. */
export interface Database extends Queryable {
  readonly kind: 'embedded' | 'server';
  /**
   * Commits when `work` resolves, else rolls back and rejects with its error. Inside `work` only `tx` may be used:
   * anything else sent to the database from there is refused, since on the embedded one it would wait for ever.
   */
  transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T>;
  /**
   * Calls `hear` with the payload of each `NOTIFY` on a channel (lower-case letters) until the function it gives is called.
   * After a broken connection is back it calls `hear` with '': something may have been missed.
   */
  listen(channel: string, hear: (payload: string) => void): Promise<() => void>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}
