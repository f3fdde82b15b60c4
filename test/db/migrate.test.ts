import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '#src/db/migrate.js';
import { openServerDatabase } from '#src/db/server-database.js';
import { databaseKinds, type FreshDatabase, freshDatabase } from './fresh-database.js';

describe.each(databaseKinds)('migrations on the %s database', (kind) => {
  let fresh: FreshDatabase;
  let folder: string;
  beforeAll(async () => {
    fresh = await freshDatabase(kind);
  });
  afterAll(() => fresh.remove());
  beforeEach(async () => {
    await fresh.db.query('DELETE FROM migration; DROP TABLE IF EXISTS log');
    folder = await mkdtemp(join(tmpdir(), 'clipql-migrations-'));
    await writeFile(
      join(folder, '001-log.sql'),
      `CREATE TABLE log (entry text); INSERT INTO log VALUES ('1');`,
    );
    await writeFile(
      join(folder, '002-log.sql'),
      `INSERT INTO log VALUES ('2'); INSERT INTO log VALUES ('3');`,
    );
  });
  afterEach(() => rm(folder, { recursive: true }));
  const log = async () =>
    (await fresh.db.query<{ entry: string }>('SELECT entry FROM log')).map((row) => row.entry).join();

  test('run in order, once', async () => {
    await migrate(fresh.db, folder);
    await migrate(fresh.db, folder);
    await writeFile(join(folder, '010-log.sql'), `INSERT INTO log VALUES ('4')`);
    await migrate(fresh.db, folder);
    expect(await log()).toBe('1,2,3,4');
  });

  test('run once when several start at the same moment', async () => {
    const { url } = fresh.settings;
    const others = url === undefined ? [] : await Promise.all([1, 2].map(() => openServerDatabase(url)));
    await Promise.all([fresh.db, fresh.db, ...others].map((db) => migrate(db, folder)));
    expect(await log()).toBe('1,2,3');
    await Promise.all(others.map((db) => db.close()));
  });

  test('one that fails leaves nothing of itself', async () => {
    await writeFile(join(folder, '003-log.sql'), `INSERT INTO log VALUES ('never'); SELECT nonsense;`);
    await expect(migrate(fresh.db, folder)).rejects.toThrow('nonsense');
    expect(await log()).toBe('1,2,3');
    await writeFile(join(folder, '003-log.sql'), `INSERT INTO log VALUES ('4')`);
    await migrate(fresh.db, folder);
    expect(await log()).toBe('1,2,3,4');
  });

  test('one whose text changed is refused', async () => {
    await migrate(fresh.db, folder);
    await writeFile(join(folder, '002-log.sql'), 'SELECT 1');
    await expect(migrate(fresh.db, folder)).rejects.toThrow('002-log.sql was changed');
  });

  test('a database of a newer version is refused', async () => {
    await writeFile(join(folder, '003-newer.sql'), 'SELECT 1');
    await migrate(fresh.db, folder);
    await rm(join(folder, '003-newer.sql'));
    await expect(migrate(fresh.db, folder)).rejects.toThrow(/newer version .*003-newer\.sql/);
  });
});
