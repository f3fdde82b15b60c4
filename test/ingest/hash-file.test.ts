import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashFile } from '#src/ingest/hash-file.js';

let folder: string;
const bytes = randomBytes(5 << 20);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clipql-hash-'));
});
afterAll(() => rm(folder, { recursive: true }));

const never = new AbortController().signal;

test('is the SHA-256 of the bytes, with the size, and tells how far it is', async () => {
  const path = join(folder, 'whole');
  await writeFile(path, bytes);
  const shares: number[] = [];
  const hashed = await hashFile(path, (share) => shares.push(share), never);
  expect(hashed).toMatchObject({
    sha256: createHash('sha256').update(bytes).digest('hex'),
    size: bytes.length,
  });
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(shares.at(-1)).toBe(1);
});

test('an empty file has a hash, too', async () => {
  const path = join(folder, 'empty');
  await writeFile(path, '');
  expect((await hashFile(path, () => {}, never)).sha256).toBe(createHash('sha256').digest('hex'));
});

test('a file that grows while it is read is refused', async () => {
  const path = join(folder, 'growing');
  await writeFile(path, bytes);
  let grown: Promise<void> | undefined;
  const hashing = hashFile(path, () => (grown ??= appendFile(path, 'more')), never);
  await expect(hashing).rejects.toMatchObject({ code: 'SOURCE_GONE' });
  await grown;
});

test('stops when aborted', async () => {
  const path = join(folder, 'aborted');
  await writeFile(path, bytes);
  const abort = new AbortController();
  await expect(hashFile(path, () => abort.abort(), abort.signal)).rejects.toThrow();
  await expect(hashFile(path, () => {}, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
});
