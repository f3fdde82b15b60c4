/** A number for each text of a search. */
export interface PerText {
  all: number[];
  any: number[];
  not: number[];
}

/**
 * How far the texts of a search hold together, 0 to 1, from how far each holds: AND is the least, OR the greatest, NOT
 * the rest to 1 (Zadeh, Fuzzy sets, 1965). So a single text is what it is, and 0.5 stays what is between yes and no.
 */
export function compose({ all, any, not }: PerText): number {
  return Math.min(leastOf({ all, any }), ...not.map((relevance) => 1 - relevance));
}

/** The least over what must hold: each of `all`, and the greatest of `any`. Infinite when nothing must. */
export function leastOf({ all, any }: Pick<PerText, 'all' | 'any'>): number {
  return Math.min(...all, any.length > 0 ? Math.max(...any) : Number.POSITIVE_INFINITY);
}
