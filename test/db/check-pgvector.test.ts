import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkPgvector } from '#src/db/check-pgvector.js';
import type { Database, Queryable } from '#src/db/database.js';
import { databaseKinds, type FreshDatabase, freshDatabase } from './fresh-database.js';

describe.each(databaseKinds)('pgvector on the %s database', (kind) => {
  let fresh: FreshDatabase;
  beforeAll(async () => {
    fresh = await freshDatabase(kind);
  });
  afterAll(() => fresh.remove());
  beforeEach(() => fresh.db.query('DROP SCHEMA IF EXISTS pretended CASCADE; CREATE SCHEMA pretended'));

  test('what is installed will do', async () => {
    await checkPgvector(fresh.db);
  });

  test.each([
    [[], 'lacks the extension pgvector'],
    [[['0.7.4', null]], 'has pgvector 0.7.4. ClipQL needs 0.8'],
    [[['0.8.2', '0.5.1']], 'ALTER EXTENSION vector UPDATE'],
  ])('%j is refused', async (versions, message) => {
    await expect(checkWith(fresh.db, versions)).rejects.toThrow(message);
  });

  test.each([[[['0.8.0', null]]], [[['0.10.0', '0.8.0']]], [[['1.0.0', '1.0.0']]]])(
    '%j will do',
    async (versions) => {
      await checkWith(fresh.db, versions);
    },
  );
});

/** Checks with a view of our own in the place of the catalogue's. */
function checkWith(db: Database, versions: (string | null)[][]): Promise<void> {
  const rows = versions.map((row) => row.map((version) => (version ? `'${version}'` : 'NULL')).join());
  return db.transaction(async (tx: Queryable) => {
    await tx.query(`
      CREATE VIEW pretended.pg_available_extensions AS
        SELECT 'vector' AS name, v.* FROM (VALUES ('', ''), ${rows.map((row) => `(${row}),`).join('')} ('', ''))
          AS v (default_version, installed_version) WHERE default_version <> '';
      SET LOCAL search_path = pretended, pg_catalog, public;`);
    await checkPgvector(tx);
  });
}
