import type { Clip } from '../../store/types.ts';
import type { SearchParts } from '../parts.ts';
import { matchText } from './match-text.ts';
import type { RankedVideo } from './rank-videos.ts';
import type { Scoring } from './score-clips.ts';
import { alone, type MatchingClip, type Stretch, stretches } from './stretches.ts';
import { isSingle, type TextQuery } from './text-query.ts';

/** A part of a video that matches a text. */
export interface Moment {
  /** Seconds. */
  start: number;
  end: number;
  /** The logit of its best clip. */
  score: number;
  /** Of its best clip, 0 to 1. */
  relevance: number;
  /** The text it matches; null: several together. */
  text: string | null;
  /** Its most relevant clip. */
  clip: Clip;
}

/** Where a moment begins to count. */
export interface Cut {
  /** As asked for. */
  minRelevance: number;
  /** From here on neighbouring clips are one moment. */
  relevant: number;
}

/** Clips looked at of a video of which all that were collected match: the text may hold of a long part of it. */
const MANY = 16;

/** The moments of each video, in their order: first the steps of a sequence, then the rest, best first. */
export async function momentsOf(
  parts: SearchParts,
  query: TextQuery,
  videos: RankedVideo[],
  cut: Cut,
  scoring: Scoring,
  signal?: AbortSignal,
): Promise<Moment[][]> {
  const found: Moment[][] = videos.map(() => []);
  for (const [t, text] of [...query.all, ...query.any].entries()) {
    const known = new Map(videos.map(({ videoId, matches }) => [videoId, matches[t]?.clips ?? []]));
    const many = [...known].filter(([, clips]) => clips.every((clip) => clip.relevance >= cut.relevant));
    const ids = many.map(([videoId]) => videoId);
    const depth = { clips: MANY, known };
    const clips = await matchText(parts, text, ids, depth, scoring, signal);
    for (const [v, { videoId }] of videos.entries()) {
      found[v]?.push(...textMoments(clips.get(videoId) ?? [], text.text, cut));
    }
  }
  const by = isSingle(query) ? 'score' : 'relevance';
  return found.map((moments, v) => {
    const steps = videos[v]?.chain?.clips ?? [];
    return [
      ...steps.map((clip, i) => moment(alone(clip), query.sequence[i]?.text ?? null)),
      ...moments.sort((a, b) => b[by] - a[by]),
    ];
  });
}

/** The stretches that match well enough, always the best one; best first. */
function textMoments(clips: MatchingClip[], text: string, { minRelevance, relevant }: Cut): Moment[] {
  const [best, ...others] = stretches(clips, relevant).sort((a, b) => b.logit - a.logit);
  if (!best) return [];
  const matching = others.filter((stretch) => stretch.relevance >= minRelevance);
  return [best, ...matching].map((stretch) => moment(stretch, text));
}

const moment = ({ start, end, logit, relevance, clip }: Stretch, text: string | null): Moment => ({
  ...{ start, end, score: logit, relevance, text, clip },
});
