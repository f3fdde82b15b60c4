/** What a model says of one video: labels by probability, highest first, as the server returns them (ties in its order). */
export interface Prediction {
  /** The true label. */
  truth: string;
  /** All labels, best first. */
  ranked: string[];
  /** Of `ranked[0]`. */
  probability: number;
}

/** The share of predictions whose true label is among the first k; 0 to 1, NaN without predictions. */
export function topK(predictions: Prediction[], k: number): number {
  const right = predictions.filter(({ truth, ranked }) => ranked.slice(0, k).includes(truth));
  return right.length / predictions.length;
}
