import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compose } from '#src/search/ranking/compose.js';

const relevance = fc.double({ min: 0, max: 1, noNaN: true });
const some = fc.array(relevance, { minLength: 1, maxLength: 4 });
const none = { all: [], any: [], not: [] };

test('AND is the least, OR the greatest, NOT the rest to 1', () => {
  expect(compose({ ...none, all: [0.9, 0.2] })).toBe(0.2);
  expect(compose({ ...none, any: [0.9, 0.2] })).toBe(0.9);
  expect(compose({ ...none, all: [0.9], not: [0.75] })).toBe(0.25);
  expect(compose({ all: [0.9, 0.8], any: [0.1, 0.7], not: [0.2, 0] })).toBe(0.7);
});

test('a single text is what it is, wherever it stands', () => {
  fc.assert(
    fc.property(relevance, (x) => {
      expect(compose({ ...none, all: [x] })).toBe(x);
      expect(compose({ ...none, any: [x] })).toBe(x);
    }),
  );
});

test('NOT one of several is NOT each of them, and yes stays on its side of 0.5', () => {
  fc.assert(
    fc.property(some, some, (all, not) => {
      const together = compose({ ...none, all, not });
      expect(together).toBe(compose({ ...none, all, not: [Math.max(...not)] }));
      const holds = all.every((x) => x > 0.5) && not.every((x) => x < 0.5);
      if (holds) expect(together).toBeGreaterThan(0.5);
      if (all.some((x) => x < 0.5) || not.some((x) => x > 0.5)) expect(together).toBeLessThan(0.5);
    }),
  );
});
