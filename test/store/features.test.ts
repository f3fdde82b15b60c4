import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFeatures } from '#src/store/features.js';
import { createPictures } from '#src/store/pictures.js';
import type { FeaturesForm } from '#src/xclip/xclip.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clipql-features-'));
});
afterEach(() => rm(folder, { recursive: true }));

const BYTES = 24;
const clip = (k: number) => Uint8Array.from({ length: BYTES }, (_, i) => 50 * k + i);
const key = (index: number, form: FeaturesForm = 'fp16') => ({
  model: 'model',
  videoId: 'video',
  edition: 0,
  index,
  form,
});

test('each clip lies where its location says, in whatever order they are written', async () => {
  const features = createFeatures(folder);
  for (const k of [2, 0, 3, 1, 0]) await features.write(key(k), clip(k));
  for (const k of [0, 1, 2, 3]) {
    const { path, offset } = features.location(key(k), BYTES);
    const file = await open(path);
    const { buffer } = await file.read(new Uint8Array(BYTES), { position: offset });
    await file.close();
    expect(buffer).toEqual(clip(k));
  }
});

test('a view into a larger array is written as what it shows', async () => {
  const features = createFeatures(folder);
  const large = Uint8Array.from({ length: 36 }, (_, i) => i);
  await features.write(key(1), large.subarray(12, 24));
  const { path, offset } = features.location(key(1), 12);
  const file = await open(path);
  const { size } = await file.stat();
  await file.close();
  expect([offset, size]).toEqual([12, 24]);
});

test('each form has its own file, `none` has none', async () => {
  const features = createFeatures(folder);
  for (const form of ['fp32', 'fp16', 'int8', 'none'] as const) await features.write(key(0, form), clip(0));
  expect((await readdir(join(folder, 'model'))).sort()).toEqual(['video', 'video.fp32', 'video.int8']);
});

test('a picture is written whole, over the one before', async () => {
  const pictures = createPictures(folder);
  const path = pictures.sheet({ id: 'video', edition: 0 }, 3);
  expect(path).toBe(join(folder, 'video', 'sheet-3.webp'));
  await pictures.write(path, Buffer.from('before'));
  await pictures.write(path, Buffer.from('now'));
  expect(await readdir(join(folder, 'video'))).toEqual(['sheet-3.webp']);
});
