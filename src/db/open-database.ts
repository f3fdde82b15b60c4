import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockDirectory } from '../directory-lock.ts';
import { checkPgvector } from './check-pgvector.ts';
import type { Database } from './database.ts';
import { openEmbeddedDatabase } from './embedded-database.ts';
import { migrate } from './migrate.ts';
import { openServerDatabase } from './server-database.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations/', import.meta.url));

export interface DatabaseSettings {
  /** A PostgreSQL server; the embedded database in `dataDir` when undefined. */
  url?: string | undefined;
  dataDir: string;
}

/**
 * Opens the database, takes the lock of `dataDir` when it is the embedded one, and applies the migrations. Throws a
 * readable error when the folder is in use, the server cannot be used, or pgvector is missing or too old.
 */
export async function openDatabase({ url, dataDir }: DatabaseSettings): Promise<Database> {
  const database = url === undefined ? await openLocked(dataDir) : await openServerDatabase(url);
  try {
    await checkPgvector(database);
    await migrate(database, MIGRATIONS);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The embedded database has no lock of its own: two processes on one folder destroy it. */
async function openLocked(dataDir: string): Promise<Database> {
  await mkdir(dataDir, { recursive: true });
  const release = await lockDirectory(dataDir);
  if (!release) {
    throw new Error(
      `${dataDir} is in use by another ClipQL process. Stop that one, or start this one with another DATA_DIR ` +
        '(several processes on one library need a PostgreSQL server: DATABASE_URL).',
    );
  }
  try {
    const database = await openEmbeddedDatabase(join(dataDir, 'db'));
    return { ...database, close: () => database.close().finally(release) };
  } catch (error) {
    await release();
    throw error;
  }
}
