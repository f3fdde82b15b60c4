import type { Clip } from '../../store/types.ts';
import type { TextScore } from './score-clips.ts';

/** A clip and how one text, or several together, fit it. */
export interface MatchingClip extends Clip, TextScore {}

/** Neighbouring clips that match, as one, in seconds. */
export interface Stretch {
  start: number;
  end: number;
  /** The highest of its clips. */
  logit: number;
  relevance: number;
  /** The most relevant of its clips. */
  clip: Clip;
}

/** A clip that has no neighbours which match. */
export function alone({ index, start, end, logit, relevance }: MatchingClip): Stretch {
  return { start, end, logit, relevance, clip: { index, start, end } };
}

/** Joins neighbours that both are at least `relevant`; each other clip is a stretch of its own. In order of time. */
export function stretches(clips: MatchingClip[], relevant: number): Stretch[] {
  const joined: Stretch[] = [];
  let last: MatchingClip | undefined;
  for (const clip of clips.toSorted((a, b) => a.index - b.index)) {
    const stretch = joined.at(-1);
    const neighbours = last && clip.index === last.index + 1;
    if (stretch && last && neighbours && Math.min(last.relevance, clip.relevance) >= relevant) {
      stretch.end = Math.max(stretch.end, clip.end);
      stretch.logit = Math.max(stretch.logit, clip.logit);
      if (clip.relevance > stretch.relevance) {
        stretch.relevance = clip.relevance;
        stretch.clip = alone(clip).clip;
      }
    } else {
      joined.push(alone(clip));
    }
    last = clip;
  }
  return joined;
}
