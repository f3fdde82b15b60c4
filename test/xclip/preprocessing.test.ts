import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPreprocessing } from '#src/xclip/preprocessing.js';
import { copyOf, editJson, fixture, keepOnly } from './fixtures.js';

test('defaults are the reference processor’s', async () => {
  const folder = copyOf('defaults');
  keepOnly(folder, 'preprocessor_config.json');
  expect(await readPreprocessing(join(folder, 'preprocessor_config.json'), 224)).toEqual({
    framing: { resize: 224, crop: 224 },
    scale: 1 / 255,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
  });
});

test('sizes may be numbers, as in old files, and the frame larger than its crop', async () => {
  expect((await readPreprocessing(fixture('half/preprocessor_config.json'), 24)).framing).toEqual({
    resize: 24,
    crop: 24,
  });
  expect((await readPreprocessing(fixture('short-text/preprocessor_config.json'), 20)).framing).toEqual({
    resize: 26,
    crop: 20,
  });
});

test.each([
  [{ crop_size: 32 }, /crop_size is 32 × 32 px, the model takes 24 × 24/],
  [{ size: 20 }, /size 20 px is smaller than crop_size 24 px/],
  [{ size: { height: 24, width: 30 } }, /size: must be \{"shortest_edge": pixels\}/],
  [{ resample: 3 }, /resample: must be 2/],
  [{ do_center_crop: false }, /do_center_crop: frames must be cropped/],
  [{ image_mean: [0.5] }, /image_mean/],
  [{ image_std: [0.5, 0, 0.5] }, /image_std/],
])('what frames cannot be read as is refused by name: %j', async (change, message) => {
  const folder = copyOf('half');
  editJson(folder, 'preprocessor_config.json', (config) => Object.assign(config, change));
  const reading = readPreprocessing(join(folder, 'preprocessor_config.json'), 24);
  await expect(reading).rejects.toThrow(message);
  await expect(reading).rejects.toThrow('preprocessor_config.json: ');
});
