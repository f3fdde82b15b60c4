import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { adminToken } from '#src/api/admin-token.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'clipql-token-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('is made once, and kept', async () => {
  const { token, place } = await adminToken({ dataDir });
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(await readFile(place, 'utf8')).toBe(`${token}\n`);
  expect((await adminToken({ dataDir })).token).toBe(token);
});

test.each(['x', 'with a space in between', 'ümläüt-ümläüt-ümläüt'])(
  'a file that holds "%s" is named, not taken',
  async (text) => {
    await writeFile(join(dataDir, 'admin-token'), `${text}\n`);
    await expect(adminToken({ dataDir })).rejects.toThrow(/admin-token: must hold at least 16 .* Remove it/);
  },
);

test('is another one than the read token', async () => {
  const { token } = await adminToken({ dataDir });
  await expect(adminToken({ dataDir, readToken: token })).rejects.toThrow(/READ_TOKEN: must be another one/);
  expect((await adminToken({ dataDir, readToken: 'another-token-of-16' })).token).toBe(token);
});
