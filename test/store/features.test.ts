import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFeatures } from '#src/store/features.js';
import { createPictures } from '#src/store/pictures.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clipql-features-'));
});
afterEach(() => rm(folder, { recursive: true }));

const [patches, dimensions] = [4, 3];
const clip = (k: number) => Uint16Array.from({ length: patches * dimensions }, (_, i) => 1000 * k + i);

test('each clip lies where its location says, in whatever order they are written', async () => {
  const features = createFeatures(folder);
  for (const k of [2, 0, 3, 1, 0]) await features.write('model', 'video', k, clip(k));
  for (const k of [0, 1, 2, 3]) {
    const { path, offset } = features.location('model', 'video', k, patches, dimensions);
    const file = await open(path);
    const { buffer } = await file.read(new Uint8Array(patches * dimensions * 2), { position: offset });
    await file.close();
    expect(new Uint16Array(buffer.buffer)).toEqual(clip(k));
  }
});

test('a view into a larger array is written as what it shows', async () => {
  const features = createFeatures(folder);
  const large = Uint16Array.from({ length: 36 }, (_, i) => i);
  await features.write('model', 'video', 1, large.subarray(12, 24));
  const { path, offset } = features.location('model', 'video', 1, patches, dimensions);
  const file = await open(path);
  const { size } = await file.stat();
  await file.close();
  expect([offset, size]).toEqual([24, 48]);
});

test('a picture is written whole, over the one before', async () => {
  const pictures = createPictures(folder);
  const path = pictures.sheet('video', 3);
  expect(path).toBe(join(folder, 'video', 'sheet-3.webp'));
  await pictures.write(path, Buffer.from('before'));
  await pictures.write(path, Buffer.from('now'));
  expect(await readdir(join(folder, 'video'))).toEqual(['sheet-3.webp']);
});
