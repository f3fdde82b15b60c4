import type { Prediction } from './accuracy.ts';

/** How one label fared. */
export interface LabelFigures {
  label: string;
  /** Videos of it. */
  n: number;
  /** The share of these that were taken for it; null when there are none. */
  recall: number | null;
  /** The share that is of it, of all that was taken for it; null when nothing was. */
  precision: number | null;
  /** What it was most often taken for instead (the first of `labels` on a tie); null when it never was. */
  confusedWith: { label: string; count: number } | null;
}

/** How often a video of `labels[row]` was taken for `labels[column]`. */
export function confusionMatrix(predictions: Prediction[], labels: string[]): number[][] {
  const index = new Map(labels.map((label, i) => [label, i]));
  const matrix = labels.map(() => labels.map(() => 0));
  for (const { truth, ranked } of predictions) {
    const row = matrix[index.get(truth) ?? -1];
    const column = index.get(ranked[0] ?? '') ?? -1;
    if (row?.[column] === undefined) throw new Error(`"${truth}" or "${ranked[0]}" is not among the labels.`);
    row[column] += 1;
  }
  return matrix;
}

/** Figures of each label from the confusion matrix of the same labels. */
export function labelFigures(labels: string[], matrix: number[][]): LabelFigures[] {
  return labels.map((label, i) => {
    const row = matrix[i] as number[];
    const right = row[i] as number;
    const n = sum(row);
    const taken = sum(matrix.map((each) => each[i] as number));
    const wrong = row.map((count, j) => (j === i ? 0 : count));
    const count = Math.max(...wrong);
    return {
      ...{ label, n },
      recall: n > 0 ? right / n : null,
      precision: taken > 0 ? right / taken : null,
      confusedWith: count > 0 ? { label: labels[wrong.indexOf(count)] as string, count } : null,
    };
  });
}

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
