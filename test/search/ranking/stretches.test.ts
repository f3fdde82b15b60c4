import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type MatchingClip, stretches } from '#src/search/ranking/stretches.js';

const clip = (index: number, relevance: number): MatchingClip => ({
  ...{ index, relevance, logit: 10 * relevance, start: index * 10, end: index * 10 + 10 },
});

test('neighbours that match are one, others stay alone', () => {
  expect(stretches([clip(3, 0.9), clip(1, 0.7), clip(2, 0.8), clip(4, 0.1), clip(6, 0.9)], 0.5)).toEqual([
    { start: 10, end: 40, logit: 9, relevance: 0.9, clip: { index: 3, start: 30, end: 40 } },
    { start: 40, end: 50, logit: 1, relevance: 0.1, clip: { index: 4, start: 40, end: 50 } },
    { start: 60, end: 70, logit: 9, relevance: 0.9, clip: { index: 6, start: 60, end: 70 } },
  ]);
});

test('clips that overlap are joined to where the last of them ends', () => {
  const overlapping = [0, 1, 2].map((i) => ({ ...clip(i, 0.9), start: i * 5, end: i * 5 + 10 }));
  expect(stretches(overlapping, 0.5)).toMatchObject([{ start: 0, end: 20 }]);
});

test('whatever is given, in any order, is covered once', () => {
  const clips = fc.uniqueArray(
    fc.record({ index: fc.nat({ max: 30 }), relevance: fc.double({ noNaN: true, min: 0, max: 1 }) }),
    {
      selector: (each) => each.index,
    },
  );
  fc.assert(
    fc.property(clips, fc.double({ noNaN: true, min: 0, max: 1 }), (given, relevant) => {
      const found = stretches(
        given.map((each) => clip(each.index, each.relevance)),
        relevant,
      );
      const covered = found.flatMap(({ start, end }) =>
        Array.from({ length: (end - start) / 10 }, (_, i) => start / 10 + i),
      );
      expect(covered).toEqual(given.map((each) => each.index).sort((a, b) => a - b));
      for (const { start, end, clip: best, relevance } of found) {
        const inside = given.filter(({ index }) => index * 10 >= start && index * 10 < end);
        expect(relevance).toBe(Math.max(...inside.map((each) => each.relevance)));
        expect(inside.find(({ index }) => index === best.index)?.relevance).toBe(relevance);
      }
      // Each is as long as it can be: between two that touch, one clip does not match.
      const of = new Map(given.map((each) => [each.index, each.relevance]));
      for (const [i, { start }] of found.entries()) {
        if (found[i - 1]?.end !== start) continue;
        const sides = [of.get(start / 10 - 1) ?? 0, of.get(start / 10) ?? 0];
        expect(Math.min(...sides)).toBeLessThan(relevant);
      }
    }),
  );
});
