import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DatabaseError } from '#src/db/database-error.js';
import { databaseKinds, type FreshDatabase, freshDatabase } from './fresh-database.js';

describe.each(databaseKinds)('%s database', (kind) => {
  let fresh: FreshDatabase;
  beforeAll(async () => {
    fresh = await freshDatabase(kind);
    await fresh.db.query('CREATE TABLE note (id integer PRIMARY KEY, text text)');
  });
  afterAll(() => fresh.remove());

  test('values go in and come out alike on both', async () => {
    const tags = ['plain', 'a"b', '{c,d}', '', ' ', 'NULL', 'é\\'];
    const [row] = await fresh.db.query(
      `SELECT $1::text[] AS tags, $2::jsonb AS json, $3::bigint AS counter, $4::text AS nothing,
         $5::timestamptz AS time, $6::vector AS vector, $7::boolean AS yes, ARRAY[]::uuid[] AS none`,
      [
        tags,
        JSON.stringify({ a: [1, null, 'x'] }),
        2 ** 52 + 1,
        null,
        new Date(86_400_123),
        '[1,-0.5]',
        true,
      ],
    );
    expect(row).toEqual({
      tags,
      json: { a: [1, null, 'x'] },
      counter: 2 ** 52 + 1,
      nothing: null,
      time: new Date(86_400_123),
      vector: '[1,-0.5]',
      yes: true,
      none: [],
    });
  });

  test('doubles keep every bit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true }), async (x) => {
        const [row] = await fresh.db.query<{ x: number; same: boolean }>(
          'SELECT $1::float8 AS x, $1::float8 = $2::float8 AS same',
          [x, x],
        );
        expect(row).toEqual({ x: x === 0 ? expect.closeTo(0) : x, same: true });
      }),
      { numRuns: 50 },
    );
  });

  test('several statements without values give the rows of the last', async () => {
    expect(await fresh.db.query('SELECT 1 AS a; SELECT 2 AS b')).toEqual([{ b: 2 }]);
  });

  test('a transaction commits what resolves and undoes what rejects', async () => {
    const result = await fresh.db.transaction(async (tx) => {
      await tx.query('INSERT INTO note VALUES ($1, $2)', [1, 'kept']);
      return 'done';
    });
    expect(result).toBe('done');
    const failing = fresh.db.transaction(async (tx) => {
      await tx.query('INSERT INTO note VALUES ($1, $2)', [2, 'undone']);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await expect(
      fresh.db.transaction(async (tx) => {
        await tx.query('INSERT INTO note VALUES ($1, $2)', [3, 'undone too']);
        await tx.query('SELECT nonsense');
      }),
    ).rejects.toThrow('nonsense');
    expect(await fresh.db.query('SELECT id FROM note')).toEqual([{ id: 1 }]);
  });

  test('concurrent transactions do not mix', async () => {
    await fresh.db.query('CREATE TABLE counter (n integer); INSERT INTO counter VALUES (0)');
    const increment = () =>
      fresh.db.transaction(async (tx) => {
        const [row] = await tx.query<{ n: number }>('SELECT n FROM counter FOR UPDATE');
        await tx.query('UPDATE counter SET n = $1', [(row?.n ?? 0) + 1]);
      });
    await Promise.all(Array.from({ length: 30 }, increment));
    expect(await fresh.db.query('SELECT n FROM counter')).toEqual([{ n: 30 }]);
  });

  test('inside a transaction the database itself is refused instead of waited for', async () => {
    const query = fresh.db.transaction(() => fresh.db.query('SELECT 1'));
    await expect(query).rejects.toThrow('only the transaction');
    const nested = fresh.db.transaction(() => fresh.db.transaction(async () => 1));
    await expect(nested).rejects.toThrow('only the transaction');
  });

  test('a transaction that has ended is refused', async () => {
    const kept = await fresh.db.transaction(async (tx) => ({ tx }));
    await expect(kept.tx.query('SELECT 1')).rejects.toThrow('has ended');
  });

  test('errors name the constraint and carry no values', async () => {
    await fresh.db.query('INSERT INTO note VALUES (10, NULL)');
    const error = await fresh.db
      .query('INSERT INTO note VALUES ($1, $2)', [10, 'a-secret-value'])
      .catch((caught) => caught);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ code: '23505', constraint: 'note_pkey' });
    expect(JSON.stringify(Object.values(error)) + error.stack).not.toMatch(/a-secret-value|INSERT|\(10/);
  });

  test('close lets running statements finish and refuses later ones', async () => {
    const other = await freshDatabase(kind);
    const running = other.db.query<{ n: number }>('SELECT count(*) AS n FROM generate_series(1, 300000)');
    const closed = other.db.close();
    expect(await running).toEqual([{ n: 300_000 }]);
    await closed;
    await expect(other.db.query('SELECT 1')).rejects.toThrow();
    await other.remove();
  });
});
