import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, Queryable } from './database.ts';

/** Any number, the same in every process: the advisory lock they take turns by. */
const LOCK = 7_210_475_301;

/**
 * Applies the SQL files of `folder` in the order of their names, each once, in a transaction of its own together with
 * the row that says so. Several processes may do so at once. Throws when the database knows a migration that is not
 * in the folder (it belongs to a newer version), or one whose text has changed.
 */
export async function migrate(database: Database, folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  for (const name of names) {
    const sql = await readFile(join(folder, name), 'utf8');
    const sha256 = createHash('sha256').update(sql).digest('hex');
    await database.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      const applied = await appliedMigrations(tx);
      refuseUnknown([...applied.keys()], names);
      if (applied.get(name) === sha256) return;
      if (applied.has(name)) throw new Error(`Migration ${name} was changed after it had been applied.`);
      await tx.query(sql);
      await tx.query('INSERT INTO migration (name, sha256) VALUES ($1, $2)', [name, sha256]);
    });
  }
}

async function appliedMigrations(tx: Queryable): Promise<Map<string, string>> {
  await tx.query(
    `CREATE TABLE IF NOT EXISTS migration (
       name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
  const rows = await tx.query<{ name: string; sha256: string }>('SELECT name, sha256 FROM migration');
  return new Map(rows.map((row) => [row.name, row.sha256]));
}

function refuseUnknown(applied: string[], known: string[]): void {
  const unknown = applied.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Error(
    `The database was used by a newer version of ClipQL (migration ${unknown.join(', ')} is unknown here). ` +
      'Start that version or a later one.',
  );
}
