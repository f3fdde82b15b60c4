import { afterAll, beforeAll, expect, test } from 'vitest';
import { embedQuery } from '#src/search/query.js';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import type { XClip } from '#src/xclip/xclip.js';
import { BUNDLED_MODEL } from '../open-library.js';
import { DEFAULTS } from '../xclip/fixtures.js';

let model: XClip;
beforeAll(async () => {
  model = await openXClip(await loadCheckpoint(BUNDLED_MODEL, 'bundled', true), DEFAULTS);
});
afterAll(() => model.close());

test('a query is the text embedded alone, and its unit vector', async () => {
  const { embedding, unit } = await embedQuery(model, 'a red circle');
  expect([embedding]).toEqual(await model.encodeTexts(['a red circle']));
  expect(Math.hypot(...unit)).toBeCloseTo(1, 6);
  expect(unit[3]).toBeCloseTo((embedding[3] as number) / Math.hypot(...embedding), 6);
});

test('a query asked again comes from memory, the one asked least recently is forgotten', async () => {
  const first = await embedQuery(model, 'first');
  const kept = await embedQuery(model, 'kept');
  for (let i = 0; i < 999; i++) {
    await embedQuery(model, `${i}`);
    expect(await embedQuery(model, 'kept')).toBe(kept);
  }
  const again = await embedQuery(model, 'first');
  expect(again).not.toBe(first);
  expect(again).toEqual(first);
});
