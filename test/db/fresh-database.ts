import { randomBytes } from 'node:crypto';
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
  const name = kind === 'server' ? `test_${randomBytes(8).toString('hex')}` : null;
  if (name) await onServer(`CREATE DATABASE ${name}`);
  const settings = name ? { dataDir, url: urlOf(name) } : { dataDir };
  const db = await openDatabase(settings);
  return {
    ...{ db, dataDir, settings },
    async remove() {
      await db.close().catch(() => {}); // the test may have closed it
      if (name) await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
      await rm(dataDir, { recursive: true });
    },
  };
}

async function onServer(sql: string): Promise<void> {
  const db = await openServerDatabase(server ?? '');
  await db.query(sql);
  await db.close();
}

function urlOf(database: string): string {
  return (server ?? '').replace(/\/[^/?]*(\?|$)/, `/${database}$1`);
}
