import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { databaseKinds, type FreshDatabase, freshDatabase } from './fresh-database.js';

describe.each(databaseKinds)('listening on the %s database', (kind) => {
  let fresh: FreshDatabase;
  beforeAll(async () => {
    fresh = await freshDatabase(kind);
  });
  afterAll(() => fresh.remove());

  test('what is committed is heard in order by all who listen, and nobody else', async () => {
    const { db } = fresh;
    const [first, second, other]: string[][] = [[], [], []];
    const end = await db.listen('news', (payload) => first?.push(payload));
    await db.listen('news', (payload) => second?.push(payload));
    await db.listen('other_news', (payload) => other?.push(payload));
    const tell = (payload: string) => db.query(`SELECT pg_notify('news', $1)`, [payload]);
    await tell('1');
    await db.transaction(async (tx) => {
      await tx.query(`SELECT pg_notify('news', '2'), pg_notify('other_news', 'x')`);
    });
    await db
      .transaction(async (tx) => {
        await tx.query(`SELECT pg_notify('news', 'never')`);
        throw new Error('taken back');
      })
      .catch(() => {});
    await expect.poll(() => [first, second, other]).toEqual([['1', '2'], ['1', '2'], ['x']]);
    end();
    await tell('3');
    await expect.poll(() => second).toEqual(['1', '2', '3']);
    expect(first).toEqual(['1', '2']);
  });

  test.runIf(kind === 'server')('a broken connection comes back, and says that it was away', async () => {
    const { db } = fresh;
    const heard: string[] = [];
    await db.listen('broken', (payload) => heard.push(payload));
    await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE pid <> pg_backend_pid() AND query LIKE 'LISTEN %' AND datname = current_database()`,
    );
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['']);
    await db.query(`SELECT pg_notify('broken', 'again')`);
    await expect.poll(() => heard).toEqual(['', 'again']);
  });
});
