/** What a search for one text returned. */
export interface Ranking {
  text: string;
  /** How many videos are true answers, at least one. */
  relevant: number;
  /** The places, from 1, at which they were returned, in the order of the answer (so ties stand as the server broke them). */
  ranks: number[];
}

/** Figures of text to video retrieval, means over texts; NaN without texts. */
export interface Retrieval {
  texts: number;
  /** The share of texts with a true answer among the first 1, 5, 10. */
  recallAt1: number;
  recallAt5: number;
  recallAt10: number;
  /** The mean of the average precisions. */
  meanAveragePrecision: number;
  /** Of the first true answer; null when half of the texts or more found none. */
  medianRank: number | null;
}

/** Average precision: the mean, over all true answers, of the precision at their ranks; 0 for those not returned. */
export function averagePrecision({ relevant, ranks }: Ranking): number {
  const sorted = ranks.toSorted((a, b) => a - b);
  return sorted.reduce((sum, rank, i) => sum + (i + 1) / rank, 0) / relevant;
}

export function retrievalFigures(rankings: Ranking[]): Retrieval {
  const first = rankings.map(({ ranks }) => Math.min(...ranks)); // Infinity: not returned
  const recallAt = (k: number) => first.filter((rank) => rank <= k).length / rankings.length;
  const precisions = rankings.map(averagePrecision);
  return {
    texts: rankings.length,
    recallAt1: recallAt(1),
    recallAt5: recallAt(5),
    recallAt10: recallAt(10),
    meanAveragePrecision: precisions.reduce((sum, each) => sum + each, 0) / rankings.length,
    medianRank: median(first),
  };
}

function median(numbers: number[]): number | null {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const low = sorted[Math.floor(middle)] ?? Number.POSITIVE_INFINITY;
  const high = sorted[Math.ceil(middle)] ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(high) ? (low + high) / 2 : null;
}
