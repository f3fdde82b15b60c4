import { randomBytes } from 'node:crypto';

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import type { ScorableClip, XClip } from '#src/xclip/xclip.js';
import { DEFAULTS, expected, fixture, fixtureJson, relativeError } from './fixtures.js';

const NAME = 'many-layers';
const wanted = expected(NAME);
const numbers = (key: string) => wanted[key]?.data as Float32Array;
const pixels = wanted.frames?.data as Uint8Array;
const texts: string[] = fixtureJson('texts.json');

let model: XClip;
beforeAll(async () => {
  model = await openXClip(await loadCheckpoint(fixture(NAME), NAME, false), DEFAULTS);
});
afterAll(() => model.close());

function clip(index: number): Uint8Array {
  const size = model.frames * model.framing.crop ** 2 * 3;
  return pixels.subarray(index * size, (index + 1) * size);
}

async function encode(index: number) {
  const { embedding, patchFeatures: bytes } = await model.encodeClip(clip(index));
  return { embedding, patchFeatures: { form: model.options.features, bytes } };
}
const encodeAll = () => Promise.all([0, 1, 2].map(encode));

test('says what it is', () => {
  expect(model).toMatchObject({
    name: NAME,
    bundled: false,
    frames: 5,
    dimensions: 12,
    patches: 9,
    framing: { resize: 23, crop: 23 },
  });
});

test('clips and texts scored are the reference’s logits', async () => {
  const encodings = await encodeAll();
  expect(
    relativeError(
      encodings.flatMap(({ embedding }) => [...embedding]),
      numbers('embedding'),
    ),
  ).toBeLessThan(1e-5);
  const embeddings = await model.encodeTexts(texts);
  expect(
    relativeError(
      embeddings.flatMap((embedding) => [...embedding]),
      numbers('texts'),
    ),
  ).toBeLessThan(1e-5);
  expect(relativeError(await model.score(embeddings, encodings), numbers('logits'))).toBeLessThan(5e-4);
});

test('patch features may lie in a file, at any offset', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clipql-features-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'features');
  const encodings = await encodeAll();
  const bytes = encodings.map(({ patchFeatures }) => patchFeatures.bytes);
  writeFileSync(path, Buffer.concat([randomBytes(6), ...bytes]));
  const stored = encodings.map(({ embedding }, i) => ({
    embedding,
    patchFeatures: { form: 'fp16' as const, path, offset: 6 + i * 2 * 9 * 12 },
  }));
  const embeddings = await model.encodeTexts(texts);
  expect(relativeError(await model.score(embeddings, stored), numbers('logits'))).toBeLessThan(5e-4);

  const missing = {
    embedding: stored[0]?.embedding as Float32Array,
    patchFeatures: { form: 'fp16' as const, path: join(folder, 'gone'), offset: 0 },
  };
  await expect(model.score(embeddings, [missing])).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(
    model.score(embeddings, [{ ...missing, patchFeatures: { form: 'fp16', path, offset: 600 } }]),
  ).rejects.toThrow(/54 bytes at 600, not 216/);
});

test('many pairs, cut into runs, are what they are one by one', async () => {
  const encodings = await encodeAll();
  const embeddings = await model.encodeTexts(texts);
  const clips = Array.from({ length: 70 }, (_, i) => encodings[i % 3] as ScorableClip);
  const labels = Array.from({ length: 90 }, (_, i) => embeddings[(i * 5) % 8] as Float32Array);
  const logits = await model.score(labels, clips);
  const single = numbers('logits');
  const whole = clips.flatMap((_, c) => labels.map((_, t) => single[(c % 3) * 8 + ((t * 5) % 8)] as number));
  expect(relativeError(logits, whole)).toBeLessThan(5e-4);
});

test('nothing asked, nothing computed', async () => {
  expect(await model.encodeTexts([])).toEqual([]);
  expect(await model.score([], [])).toEqual(new Float32Array(0));
});

test('two callers of score take turns', async () => {
  const encodings = await encodeAll();
  const [embedding] = await model.encodeTexts(['a']);
  const many = Array.from({ length: 20_000 }, (_, i) => encodings[i % 3] as ScorableClip);
  let longDone = false;
  const long = model.score([embedding as Float32Array], many).then(() => {
    longDone = true;
  });
  await model.score([embedding as Float32Array], encodings);
  expect(longDone).toBe(false);
  await long;
});

test('an aborted score stops and leaves the worker free', async () => {
  const encodings = await encodeAll();
  const embeddings = await model.encodeTexts(texts);
  const controller = new AbortController();
  const many = Array.from({ length: 20_000 }, (_, i) => encodings[i % 3] as ScorableClip);
  const scoring = model.score(embeddings, many, controller.signal);
  controller.abort(new Error('client gone'));
  await expect(scoring).rejects.toThrow('client gone');
  expect(relativeError(await model.score(embeddings, encodings), numbers('logits'))).toBeLessThan(5e-4);
});

test('wrong sizes are errors, and the next call works', async () => {
  await expect(model.encodeClip(new Uint8Array(7))).rejects.toThrow();
  const embeddings = await model.encodeTexts(['a']);
  const wrong = {
    embedding: new Float32Array(12),
    patchFeatures: { form: 'fp16' as const, bytes: new Uint8Array(5) },
  };
  await expect(model.score(embeddings, [wrong])).rejects.toThrow('Patch features: 5 bytes, not 216.');
  expect(await model.encodeClip(clip(0))).toBeDefined();
});
