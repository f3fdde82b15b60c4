import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantiseFeatures } from '#src/xclip/quantise-features.js';

const [P, D] = [3, 4];
// Not so small that a scale could not be told from 0.
const number = fc.float({ noNaN: true, min: -1000, max: 1000 }).map((x) => (Math.abs(x) < 1e-30 ? 0 : x));
const features = fc
  .array(number, { minLength: P * D, maxLength: P * D })
  .map((numbers) => Float32Array.from(numbers));

test('the scales of all patches, then their numbers', () => {
  const bytes = quantiseFeatures(Float32Array.of(1.27, -0.5, 0, 0.014, 0, 0, 0, 0, -254, 127, 2, 1), P);
  const view = new DataView(bytes.buffer);
  expect(bytes).toHaveLength(P * (D + 4));
  expect([0, 4, 8].map((at) => view.getFloat32(at, true))).toEqual([Math.fround(0.01), 0, 2]);
  const numbers = Array.from({ length: P * D }, (_, i) => view.getInt8(P * 4 + i));
  expect(numbers).toEqual([127, -50, 0, 1, 0, 0, 0, 0, -127, 64, 1, 1]);
});

test('no number is off by more than half of its patch’s scale', () => {
  fc.assert(
    fc.property(features, (numbers) => {
      const bytes = quantiseFeatures(numbers, P);
      const view = new DataView(bytes.buffer);
      for (const [i, x] of numbers.entries()) {
        const scale = view.getFloat32(4 * Math.floor(i / D), true);
        const off = Math.abs(view.getInt8(4 * P + i) * scale - x);
        expect(off).toBeLessThanOrEqual(scale * 0.5 * (1 + 1e-4));
      }
    }),
  );
});
