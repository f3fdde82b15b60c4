import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Prediction, topK } from '#src/cli/evaluate/metrics/accuracy.js';
import { calibrationError } from '#src/cli/evaluate/metrics/calibration.js';
import { confusionMatrix, labelFigures } from '#src/cli/evaluate/metrics/confusion.js';
import { meanAndSpread } from '#src/cli/evaluate/metrics/mean-and-spread.js';
import { averagePrecision, retrievalFigures } from '#src/cli/evaluate/metrics/retrieval.js';

const LABELS = ['a', 'b', 'c'];
const prediction = fc.record({
  truth: fc.constantFrom(...LABELS),
  ranked: fc.shuffledSubarray(LABELS, { minLength: 3 }),
  probability: fc.double({ min: 1 / 3, max: 1, noNaN: true }),
});
const predictions = fc.array(prediction, { minLength: 1, maxLength: 40 });

const guess = (truth: string, ranked: string, probability: number): Prediction => ({
  truth,
  ranked: [...ranked],
  probability,
});

test('top-k, recall, precision and confusions, counted by hand', () => {
  const four = [guess('a', 'abc', 1), guess('a', 'bac', 1), guess('b', 'bca', 1), guess('a', 'cba', 1)];
  expect([1, 2, 3].map((k) => topK(four, k))).toEqual([0.5, 0.75, 1]);
  const matrix = confusionMatrix(four, LABELS);
  expect(matrix).toEqual([
    [1, 1, 1],
    [0, 1, 0],
    [0, 0, 0],
  ]);
  expect(labelFigures(LABELS, matrix)).toEqual([
    { label: 'a', n: 3, recall: 1 / 3, precision: 1, confusedWith: { label: 'b', count: 1 } },
    { label: 'b', n: 1, recall: 1, precision: 0.5, confusedWith: null },
    { label: 'c', n: 0, recall: null, precision: 0, confusedWith: null },
  ]);
  expect(
    labelFigures(
      ['a', 'b'],
      [
        [2, 0],
        [0, 0],
      ],
    )[1],
  ).toMatchObject({ recall: null, precision: null });
  expect(() => confusionMatrix(four, ['a'])).toThrow('"a" or "b" is not among the labels.');
});

test('the figures agree with each other, and do not depend on the order of the files', () => {
  fc.assert(
    fc.property(predictions, fc.infiniteStream(fc.nat()), (all, keys) => {
      const keyed = all.map((one) => ({ one, key: keys.next().value as number }));
      const shuffled = keyed.sort((x, y) => x.key - y.key).map(({ one }) => one);
      const matrix = confusionMatrix(all, LABELS);
      expect(confusionMatrix(shuffled, LABELS)).toEqual(matrix);
      expect(calibrationError(shuffled)).toBeCloseTo(calibrationError(all), 12);
      const right = matrix.reduce((sum, row, i) => sum + (row[i] as number), 0);
      expect(topK(all, 1)).toBe(right / all.length);
      expect(topK(all, 1)).toBeLessThanOrEqual(topK(all, 2));
      expect(topK(all, 3)).toBe(1);
      const figures = labelFigures(LABELS, matrix);
      const recalled = figures.reduce((sum, { n, recall }) => sum + n * (recall ?? 0), 0);
      expect(recalled).toBeCloseTo(right, 9);
    }),
  );
});

test('the calibration error, by hand and in closed form', () => {
  // Bins of 1/15: 0.9 and 0.92 share the 14th (13/15, 14/15], 0.6 = 9/15 closes the 9th.
  const three = [guess('a', 'abc', 0.9), guess('a', 'bac', 0.92), guess('b', 'bca', 0.6)];
  expect(calibrationError(three)).toBeCloseTo((2 / 3) * Math.abs(0.91 - 0.5) + (1 / 3) * 0.4, 12);
  expect(calibrationError([guess('a', 'abc', 1)])).toBe(0);
  // All in one bin: the distance of the mean probability from the accuracy.
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), fc.double({ min: 0.81, max: 0.86, noNaN: true }), (good, bad, p) => {
      fc.pre(good + bad > 0);
      const right = Array.from({ length: good }, () => guess('a', 'abc', p));
      const wrong = Array.from({ length: bad }, () => guess('b', 'abc', p));
      expect(calibrationError([...right, ...wrong])).toBeCloseTo(Math.abs(p - good / (good + bad)), 9);
    }),
  );
});

test('retrieval, by hand', () => {
  // Manning, Raghavan, Schütze: the mean of the precisions at the true answers; what was not returned counts as 0.
  expect(averagePrecision({ text: '', relevant: 3, ranks: [1, 3, 6] })).toBeCloseTo(
    (1 + 2 / 3 + 3 / 6) / 3,
    12,
  );
  expect(averagePrecision({ text: '', relevant: 2, ranks: [4] })).toBe(1 / 8);
  const rankings = [
    { text: 'a', relevant: 1, ranks: [1] },
    { text: 'b', relevant: 2, ranks: [7, 2] },
    { text: 'c', relevant: 1, ranks: [8] },
    { text: 'd', relevant: 1, ranks: [] },
  ];
  expect(retrievalFigures(rankings)).toEqual({
    texts: 4,
    recallAt1: 0.25,
    recallAt5: 0.5,
    recallAt10: 0.75,
    meanAveragePrecision: (1 + (1 / 2 + 2 / 7) / 2 + 1 / 8 + 0) / 4,
    medianRank: 5,
  });
  expect(retrievalFigures(rankings.slice(2)).medianRank).toBeNull();
});

test('the average precision is 1 for a perfect ranking alone, and otherwise less', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 }), (ranks) => {
      const precision = averagePrecision({ text: '', relevant: ranks.length, ranks });
      const perfect = Math.max(...ranks) === ranks.length;
      expect(perfect ? precision === 1 : precision < 1).toBe(true);
      expect(averagePrecision({ text: '', relevant: ranks.length, ranks: ranks.toReversed() })).toBe(
        precision,
      );
    }),
  );
});

test('mean and spread of splits', () => {
  expect(meanAndSpread([2, 4, 9])).toEqual({ mean: 5, deviation: Math.sqrt(13) });
});
