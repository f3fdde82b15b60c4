import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '#src/db/database.js';
import { openDatabase } from '#src/db/open-database.js';
import { openServerDatabase } from '#src/db/server-database.js';

const server = process.env.TEST_DATABASE_URL;

/** What the suite runs on: always the embedded database, and the server of TEST_DATABASE_URL when it is set. */
export const databaseKinds: Database['kind'][] = server ? ['embedded', 'server'] : ['embedded'];

export interface FreshDatabase {
  db: Database;
  /** An empty folder of its own, the embedded database's too. */
  dataDir: string;
  /** What `openDatabase` needs to open it once more. */
  settings: { url?: string; dataDir: string };
  remove(): Promise<void>;
}

/** A migrated, empty database of its own. */
export async function freshDatabase(kind: Database['kind']): Promise<FreshDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'clipql-test-'));
  const url = kind === 'server' ? await serverDatabaseOf(dataDir) : undefined;
  const settings = url ? { dataDir, url } : { dataDir };
  const db = await openDatabase(settings);
  return {
    ...{ db, dataDir, settings },
    async remove() {
      await db.close().catch(() => {}); // the test may have closed it
      if (url) await dropServerDatabaseOf(dataDir);
      await rm(dataDir, { recursive: true });
    },
  };
}

/** The URL of the database that goes with a folder on the server, made when it is missing; undefined without a server. */
export async function serverDatabaseOf(dataDir: string): Promise<string | undefined> {
  if (!server) return undefined;
  const name = databaseName(dataDir);
  const known = await onServer(`SELECT 1 FROM pg_database WHERE datname = '${name}'`);
  if (known.length === 0) await onServer(`CREATE DATABASE ${name}`);
  return server.replace(/\/[^/?]*(\?|$)/, `/${name}$1`);
}

export async function dropServerDatabaseOf(dataDir: string): Promise<void> {
  if (server) await onServer(`DROP DATABASE IF EXISTS ${databaseName(dataDir)} WITH (FORCE)`);
}

const databaseName = (dataDir: string) =>
  `test_${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`;

async function onServer(sql: string): Promise<unknown[]> {
  const db = await openServerDatabase(server ?? '');
  const rows = await db.query(sql);
  await db.close();
  return rows;
}
