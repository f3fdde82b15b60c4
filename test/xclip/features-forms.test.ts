import { expect, onTestFinished, test } from 'vitest';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import type { FeaturesForm, XClip } from '#src/xclip/xclip.js';
import { DEFAULTS, expected, fixture, fixtureJson, relativeError } from './fixtures.js';

const NAME = 'many-layers';
const [CLIPS, P, D] = [3, 9, 12];
const wanted = expected(NAME);
const logits = wanted.logits?.data as Float32Array;
const pixels = wanted.frames?.data as Uint8Array;

async function open(features: FeaturesForm): Promise<XClip> {
  const model = await openXClip(await loadCheckpoint(fixture(NAME), NAME, false), { ...DEFAULTS, features });
  onTestFinished(() => model.close());
  return model;
}

const encode = (model: XClip) =>
  Promise.all(
    Array.from({ length: CLIPS }, async (_, i) => {
      const size = pixels.length / CLIPS;
      const clip = await model.encodeClip(pixels.subarray(i * size, (i + 1) * size));
      return { ...clip, patchFeatures: { form: model.options.features, bytes: clip.patchFeatures } };
    }),
  );

test.each([
  ['fp32', P * D * 4, 1e-5],
  ['fp16', P * D * 2, 5e-4],
  ['int8', P * (D + 4), 1e-2],
] as const)('%s: its bytes, and the reference’s logits', async (form, bytes, error) => {
  const model = await open(form);
  const clips = await encode(model);
  expect(clips.map((clip) => clip.patchFeatures.bytes.length)).toEqual(Array(CLIPS).fill(bytes));
  const texts = await model.encodeTexts(fixtureJson('texts.json'));
  expect(relativeError(await model.score(texts, clips), logits)).toBeLessThan(error);
});

test('one call may mix forms: each clip is scored by its own', async () => {
  const forms = ['int8', 'none', 'fp32', 'fp16'] as const;
  const models = await Promise.all(forms.map(open));
  const clips = (await Promise.all(models.map(encode))).flat();
  const [model] = models as [XClip];
  const texts = await model.encodeTexts(fixtureJson('texts.json'));
  const mixed = [0, 3, 6, 9, 1, 4, 7, 10].map((i) => clips[i] as (typeof clips)[0]);
  const alone = [];
  for (const clip of mixed) alone.push(...(await model.score(texts, [clip])));
  expect(relativeError(await model.score(texts, mixed), alone)).toBeLessThan(1e-5);
});

test('features of another form’s length are refused', async () => {
  const model = await open('int8');
  const [clip] = await encode(model);
  const wrong = { ...clip, patchFeatures: { form: 'fp16' as const, bytes: clip?.patchFeatures.bytes } };
  const texts = await model.encodeTexts(['a']);
  await expect(model.score(texts, [wrong as never])).rejects.toThrow('Patch features: 144 bytes, not 216.');
});
