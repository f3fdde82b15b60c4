import type { Queryable } from './database.ts';

/** Throws, saying what to do, unless the database has pgvector 0.8 or newer installed or ready to be. */
export async function checkPgvector(database: Queryable): Promise<void> {
  const [extension] = await database.query<{ available: string; installed: string | null }>(
    `SELECT default_version AS available, installed_version AS installed
     FROM pg_available_extensions WHERE name = 'vector'`,
  );
  if (!extension) {
    throw new Error(
      'The PostgreSQL server lacks the extension pgvector. Install pgvector 0.8 or newer there.',
    );
  }
  const version = extension.installed ?? extension.available;
  if (isAtLeast(version, 0, 8)) return;
  throw new Error(
    isAtLeast(extension.available, 0, 8)
      ? `The database uses pgvector ${version}. Run ALTER EXTENSION vector UPDATE in it: ClipQL needs 0.8 or newer.`
      : `The PostgreSQL server has pgvector ${version}. ClipQL needs 0.8 or newer.`,
  );
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number);
  return first > major || (first === major && second >= minor);
}
