import type { EmbeddedClip } from '../../store/types.ts';
import type { SearchParts } from '../parts.ts';
import { dot } from '../vectors.ts';
import { compose, leastOf } from './compose.ts';
import { type ScoredClip, type Scoring, scoreClips } from './score-clips.ts';
import type { MatchingClip } from './stretches.ts';
import type { TextQuery } from './text-query.ts';

/** A clip and how all texts of a search together fit it. */
export interface ClipMatch extends MatchingClip {
  videoId: string;
  /** As stage one orders clips: the greatest distance to what must hold. */
  distance: number;
  /** The relevance of what must hold alone. */
  presence: number;
}

/** Scores all texts of a search against each clip, and composes the scores. */
export async function scoreMoments(
  parts: SearchParts,
  query: TextQuery,
  clips: EmbeddedClip[],
  scoring: Scoring,
  signal?: AbortSignal,
): Promise<ClipMatch[]> {
  const texts = [...query.all, ...query.any, ...query.not].map((text) => text.embedding);
  const scored = await scoreClips(parts, texts, clips, scoring, signal);
  return scored.map((clip) => {
    const logits = perText(query, clip, (score) => score.logit);
    const relevances = perText(query, clip, (score) => score.relevance);
    const { videoId, index, start, end } = clip;
    return {
      ...{ videoId, index, start, end, distance: distanceOf(query, clip) },
      ...{ logit: leastOf(logits), relevance: compose(relevances), presence: leastOf(relevances) },
    };
  });
}

function perText(
  { all, any }: TextQuery,
  { scores }: ScoredClip,
  of: (score: ScoredClip['scores'][0]) => number,
) {
  const numbers = scores.map(of);
  return {
    all: numbers.slice(0, all.length),
    any: numbers.slice(all.length, all.length + any.length),
    not: numbers.slice(all.length + any.length),
  };
}

function distanceOf({ all, any }: TextQuery, { embedding }: EmbeddedClip): number {
  const distances = (texts: { unit: Float32Array }[]) => texts.map(({ unit }) => -dot(unit, embedding));
  const farthest = any.length > 0 ? Math.min(...distances(any)) : Number.NEGATIVE_INFINITY;
  return Math.max(...distances(all), farthest);
}
