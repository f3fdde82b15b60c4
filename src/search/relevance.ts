import type { ModelCard } from '../xclip/xclip.ts';

/**
 * How much a clip is about a text, 0 to 1, made so that one threshold serves all queries of a model: the logistic
 * function of the logit above the clip's background, with the card's calibration `a`, `b`. Why: docs/relevance.md.
 */
export function relevance(card: ModelCard, logit: number, background: number): number {
  const { a, b } = card.relevance;
  return 1 / (1 + Math.exp(-(a * (logit - background) + b)));
}

/** The logit at which a text's relevance is 0.5. */
export function undecidedLogit(card: ModelCard, background: number): number {
  const { a, b } = card.relevance;
  return background - b / a;
}
