import { setTimeout as wait } from 'node:timers/promises';
import { ClipqlError } from '../../errors.ts';
import type { Ingestions } from '../../store/ingestions.ts';
import type { Ingestion, IngestionChange } from '../../store/types.ts';
import { createMailbox, type Mailbox } from './mailbox.ts';

/** Milliseconds until a database that did not answer is asked again. */
const AGAIN = 1000;
/** Ingestions that are told of at first when all are asked for. */
const MOST_AT_FIRST = 100;

const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED'];

/** The changes of ingestions in this database, whichever process makes them. */
export interface IngestionFeed {
  /**
   * One ingestion from now until it has ended, or, with null, those that run now and then every change. Throws `NOT_FOUND`.
   */
  subscribe(id: string | null): Promise<AsyncIterableIterator<Ingestion>>;
}

/** Listens to the database once; a change is read once for all who want it. */
export async function createIngestionFeed(ingestions: Ingestions): Promise<IngestionFeed> {
  const mailboxes = new Set<Mailbox>();
  let changes: (IngestionChange | null)[] = [];
  let delivering = false;

  async function deliver(): Promise<void> {
    if (delivering) return;
    delivering = true;
    while (changes.length > 0) {
      const batch = changes;
      changes = [];
      await tell(batch).catch(async () => {
        await wait(AGAIN, null, { ref: false });
        if (mailboxes.size > 0) changes.unshift(...batch);
      });
    }
    delivering = false;
  }

  /** Throws when the database does not answer; what was told already is not told again after that. */
  async function tell(batch: (IngestionChange | null)[]): Promise<void> {
    const known = batch.filter((change) => change !== null);
    const wanted = known.filter(({ id }) => [...mailboxes].some((mailbox) => mailbox.wants(id)));
    if (known.length < batch.length) await Promise.all([...mailboxes].map(refresh));
    if (wanted.length === 0) return;
    const found = await ingestions.getMany([...new Set(wanted.map(({ id }) => id))]);
    const rows = new Map(found.map((ingestion) => [ingestion.id, ingestion]));
    for (const change of wanted) {
      const row = rows.get(change.id);
      if (!row) continue; // one that is hidden
      const event = asOf(change, row);
      for (const mailbox of mailboxes) mailbox.put(event);
    }
  }

  /** After the connection was away: what has changed of what the subscriber knew, and what runs now. */
  async function refresh(mailbox: Mailbox): Promise<void> {
    const known = await ingestions.getMany(mailbox.unfinished());
    for (const ingestion of [...known, ...(await running())]) mailbox.put(ingestion);
  }

  async function running(): Promise<Ingestion[]> {
    const page = await ingestions.page({ first: MOST_AT_FIRST, state: 'RUNNING' });
    return page.edges.map(({ node }) => node);
  }

  async function atFirst(id: string | null): Promise<Ingestion[]> {
    if (id === null) return running();
    const ingestion = await ingestions.get(id);
    if (!ingestion) throw new ClipqlError('NOT_FOUND', 'There is no ingestion with this id.');
    return [ingestion];
  }

  await ingestions.listen((change) => {
    if (mailboxes.size === 0) return;
    changes.push(change);
    void deliver();
  });

  async function* events(mailbox: Mailbox, ends: boolean): AsyncGenerator<Ingestion, undefined> {
    for (;;) {
      const ingestion = await mailbox.take();
      if (!ingestion) return;
      yield ingestion;
      if (ends && ENDED.includes(ingestion.state)) return;
    }
  }

  return {
    async subscribe(id) {
      const mailbox = createMailbox(id);
      mailboxes.add(mailbox);
      const close = () => {
        mailboxes.delete(mailbox);
        mailbox.close();
      };
      try {
        for (const ingestion of await atFirst(id)) mailbox.put(ingestion);
      } catch (error) {
        close();
        throw error;
      }
      const stream = events(mailbox, id !== null);
      const iterator: AsyncIterableIterator<Ingestion> = {
        async next() {
          const event = await stream.next();
          if (event.done) close();
          return event;
        },
        // A generator that waits would end only after its next event.
        async return() {
          close();
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]: () => iterator,
      };
      return iterator;
    },
  };
}

/** The row as it was at a change: it may have gone on since. */
function asOf({ version, state, stage, progress }: IngestionChange, row: Ingestion): Ingestion {
  if (row.version === version) return row;
  const then = { ...row, version, state, stage, progress };
  return row.state === state ? then : { ...then, finishedAt: null, error: null, retryAt: null };
}
