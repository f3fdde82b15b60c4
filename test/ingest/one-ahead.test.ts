import { expect, test } from 'vitest';
import { oneAhead } from '#src/ingest/one-ahead.js';

async function* numbers(log: string[], fail = Number.POSITIVE_INFINITY) {
  try {
    for (let i = 0; i < 5; i++) {
      log.push(`make ${i}`);
      if (i === fail) throw new Error('broken');
      yield i;
    }
  } finally {
    log.push('closed');
  }
}

test('makes the next item while the current one is used, and no more', async () => {
  const log: string[] = [];
  const seen: number[] = [];
  for await (const i of oneAhead(numbers(log))) {
    await new Promise(setImmediate);
    seen.push(i);
    expect(log.filter((line) => line.startsWith('make')).length).toBe(Math.min(5, i + 2));
  }
  expect(seen).toEqual([0, 1, 2, 3, 4]);
  expect(log.at(-1)).toBe('closed');
});

test('closes its source when the consumer leaves', async () => {
  const log: string[] = [];
  for await (const i of oneAhead(numbers(log))) if (i === 1) break;
  expect(log).toEqual(['make 0', 'make 1', 'make 2', 'closed']);
});

test('an error comes after the items before it', async () => {
  const log: string[] = [];
  const seen: number[] = [];
  const read = async () => {
    for await (const i of oneAhead(numbers(log, 2))) {
      await new Promise(setImmediate);
      seen.push(i);
    }
  };
  await expect(read()).rejects.toThrow('broken');
  expect(seen).toEqual([0, 1]);
});
