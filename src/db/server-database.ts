import pg from 'pg';
import type { Database, Queryable } from './database.ts';
import { DatabaseError } from './database-error.ts';
import { createServerListener } from './server-listener.ts';
import { transactionGuard } from './transaction-guard.ts';

/** Connections of one process. */
const CONNECTIONS = 10;

/** bigint as number, as the embedded driver does: ours are counters, far below 2⁵³. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format),
};

/** Connects to a PostgreSQL server. Throws a readable error when it cannot be reached or is older than 15. */
export async function openServerDatabase(url: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS, types });
  // A broken idle connection is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  const guard = transactionGuard();
  const listener = createServerListener(url);

  const { track, finish } = workUnderWay();

  async function transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    // A connection may break while no statement is under way; the next statement then rejects.
    const ignore = () => {};
    client.on('error', ignore);
    let broken = false;
    try {
      await send(client, 'BEGIN');
      const result = await guard.run((text, values) => send(client, text, values), work);
      await send(client, 'COMMIT');
      return result;
    } catch (error) {
      await send(client, 'ROLLBACK').catch(() => {
        broken = true;
      });
      throw error;
    } finally {
      client.off('error', ignore);
      client.release(broken);
    }
  }

  const database: Database = {
    kind: 'server',
    async query(text, values) {
      guard.refuseInside();
      return track(() => send(pool, text, values));
    },
    async transaction(work) {
      guard.refuseInside();
      return track(() => transaction(work));
    },
    listen: listener.listen,
    async close() {
      await listener.close();
      await finish();
      await pool.end();
    },
  };

  try {
    await refuseOldServer(database);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return database;
}

/** The pool, when it ends, forgets what still waits for a connection: here that is finished first. */
function workUnderWay() {
  const underWay = new Set<Promise<unknown>>();
  let closed = false;
  return {
    async track<T>(work: () => Promise<T>): Promise<T> {
      if (closed) throw new Error('The connection to the database is closed.');
      const promise = work();
      underWay.add(promise);
      return promise.finally(() => underWay.delete(promise));
    },
    async finish(): Promise<void> {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}

async function send<Row>(to: pg.Pool | pg.PoolClient, text: string, values?: unknown[]): Promise<Row[]> {
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await to.query(text, values);
    // Several statements give several results.
    return (Array.isArray(result) ? result[result.length - 1] : result).rows;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code) {
      throw new DatabaseError({ message: error.message, code: error.code, constraint: error.constraint });
    }
    throw error;
  }
}

async function refuseOldServer(database: Queryable): Promise<void> {
  let version: string;
  try {
    const rows = await database.query<{ server_version: string }>('SHOW server_version');
    version = rows[0]?.server_version ?? '';
  } catch (error) {
    const reason =
      error instanceof Error ? error.message || String((error as { code?: unknown }).code) : error;
    throw new Error(`The PostgreSQL server of DATABASE_URL cannot be used: ${reason}`, { cause: error });
  }
  if (Number.parseInt(version, 10) < 15) {
    throw new Error(`The server of DATABASE_URL runs PostgreSQL ${version}. ClipQL needs 15 or newer.`);
  }
}
