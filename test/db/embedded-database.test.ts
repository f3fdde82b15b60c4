import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '#src/db/open-database.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'clipql-embedded-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

/** Lets a process write until it has acknowledged `count` numbers, kills it, and says how many it acknowledged. */
async function writeAndKill(run: string, count: number): Promise<number> {
  const child = fork(new URL('./writing-process.js', import.meta.url), [dataDir, run]);
  let acknowledged = 0;
  child.on('message', (n: number) => {
    acknowledged = n;
    if (n === count) child.kill('SIGKILL');
  });
  await once(child, 'exit');
  return acknowledged;
}

test('kill -9 loses nothing that was acknowledged, and leaves no half', async () => {
  for (const [run, count] of [
    ['a', 1],
    ['b', 40],
    ['c', 250],
  ] as const) {
    const acknowledged = await writeAndKill(run, count);
    expect(acknowledged).toBeGreaterThanOrEqual(count);
    const db = await openDatabase({ dataDir });
    const rows = await db.query<{ n: number }>('SELECT n FROM number WHERE run = $1 ORDER BY n', [run]);
    await db.close();
    const numbers = rows.map((row) => row.n);
    expect(numbers.slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, i) => i + 1));
  }
});

test('the event loop stays free while a statement runs', async () => {
  const db = await openDatabase({ dataDir });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  const start = performance.now();
  await db.query('SELECT count(*) FROM generate_series(1, 2000000)');
  const elapsed = performance.now() - start;
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(elapsed / 5 / 4);
  await db.close();
});

test('an answer that cannot be read fails by itself, and the next statement goes on', async () => {
  const db = await openDatabase({ dataDir });
  // Deeper than a message between threads may be.
  const deep = `SELECT (repeat('{"a":', 3000) || '1' || repeat('}', 3000))::jsonb AS value`;
  await expect(db.query(deep)).rejects.toThrow('cannot be read');
  expect(await db.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await db.close();
});

test('a folder that holds no database is named as what cannot be opened', async () => {
  const db = await openDatabase({ dataDir });
  await db.close();
  await rm(join(dataDir, 'db', 'global'), { recursive: true });
  await expect(openDatabase({ dataDir })).rejects.toThrow('embedded database cannot be opened');
});
