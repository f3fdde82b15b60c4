import type { Prediction } from './accuracy.ts';

/** Equal parts of 0 to 1, as is customary. */
const BINS = 15;

/**
 * Expected calibration error of the most probable label, 0 to 1: the mean distance between probability and accuracy over
 * 15 equal bins (l, u], weighted by what they hold. Guo et al. 2017, arXiv 1706.04599, equation 3. NaN without predictions.
 */
export function calibrationError(predictions: Prediction[]): number {
  const bins = Array.from({ length: BINS }, () => ({ probability: 0, right: 0 }));
  for (const { truth, ranked, probability } of predictions) {
    const bin = bins[Math.max(0, Math.ceil(probability * BINS) - 1)];
    if (!bin) throw new Error(`${probability} is no probability.`);
    bin.probability += probability;
    bin.right += Number(ranked[0] === truth);
  }
  const gaps = bins.map(({ probability, right }) => Math.abs(probability - right));
  return gaps.reduce((sum, gap) => sum + gap, 0) / predictions.length;
}
