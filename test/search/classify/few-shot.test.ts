import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blend } from '#src/search/classify/few-shot.js';

const unit = (...numbers: number[]) => {
  const length = Math.hypot(...numbers);
  return Float32Array.from(numbers, (x) => x / length);
};
const measure = { logit: 3, undecided: -1, nearAny: 0.5, scale: 20 };
const shot = (relevance: number, direction: Float32Array) => ({ relevance, direction });

describe('a label’s score', () => {
  test('is the logit without examples', () => {
    expect(blend([], unit(1, 2), measure)).toBe(3);
  });

  test('is made as its formula says', () => {
    const clip = unit(1, 0);
    // cos 1 and 0; the text holds of them by half on average
    const score = blend([shot(1, unit(1, 0)), shot(0, unit(0, 1))], clip, measure);
    expect(score).toBeCloseTo(0.5 * 3 + 0.5 * -1 + 20 * ((1 + Math.exp(-1)) / 2 - 0.5), 5);
  });

  test('leaves a text that holds of its examples its say, and takes it from one that does not', () => {
    const clip = unit(1, 0);
    const other = { ...measure, logit: 9 };
    const gained = (relevance: number) => {
      const shots = [shot(relevance, unit(1, 1))];
      return blend(shots, clip, other) - blend(shots, clip, measure);
    };
    expect(gained(1)).toBeCloseTo(6, 9);
    expect(gained(0)).toBeCloseTo(0, 9);
  });

  test('rises with nearness, whatever the number of examples', () => {
    const angle = fc.double({ min: 0, max: Math.PI, noNaN: true });
    fc.assert(
      fc.property(angle, angle, fc.integer({ min: 1, max: 5 }), (a, b, count) => {
        const clip = unit(1, 0);
        const at = (angle: number, n: number) =>
          blend(Array(n).fill(shot(0.5, unit(Math.cos(angle), Math.sin(angle)))), clip, measure);
        expect(at(a, count)).toBeCloseTo(at(a, 1), 9);
        if (Math.cos(a) > Math.cos(b) + 1e-6) expect(at(a, count)).toBeGreaterThan(at(b, 1));
      }),
    );
  });
});
