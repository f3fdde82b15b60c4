import type { SearchParts } from '../parts.ts';
import type { Query } from '../query.ts';
import { bestChain } from './best-chain.ts';
import { compose, leastOf } from './compose.ts';
import { matchText } from './match-text.ts';
import type { Scoring } from './score-clips.ts';
import { type MatchingClip, type Stretch, stretches } from './stretches.ts';
import type { TextQuery } from './text-query.ts';

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
}

export interface RankedVideo {
  videoId: string;
  /** The largest logit among its collected clips; of several texts that must hold the least, of alternatives the greatest. */
  score: number;
  /** How far all that is asked for holds, 0 to 1. */
  relevance: number;
  /** The same, what must not hold and the order of a sequence aside: how far a search has to go is seen by it. */
  presence: number;
  /** Best first, at least one. */
  moments: Moment[];
}

/** Each text of a search on one video. */
interface Texts<Of> {
  all: Of[];
  any: Of[];
  not: Of[];
  sequence: Of[];
}

/** Where a moment begins to count. */
export interface Cut {
  /** As asked for. */
  minRelevance: number;
  /** From here on neighbouring clips are one moment. */
  relevant: number;
}

/**
 * Scores for each text the nearest clips of each video and orders the videos: of one text by (score descending, id), of
 * several by (relevance descending, id). A text holds of a video as much as of its best clip.
 */
export async function rankVideos(
  parts: SearchParts,
  query: TextQuery,
  videoIds: string[],
  cut: Cut,
  scoring: Scoring,
  signal?: AbortSignal,
): Promise<RankedVideo[]> {
  if (videoIds.length === 0) return [];
  const match = async (queries: Query[]) => {
    const matched = [];
    for (const query of queries) {
      matched.push(await matchText(parts, query, videoIds, cut.relevant, scoring, signal));
    }
    return matched;
  };
  const found: Texts<Map<string, MatchingClip[]>> = {
    all: await match(query.all),
    any: await match(query.any),
    not: await match(query.not),
    sequence: await match(query.sequence),
  };
  const ranked = videoIds.flatMap((videoId) => {
    const clipsOf = (maps: Map<string, MatchingClip[]>[]) => maps.map((map) => map.get(videoId) ?? []);
    const clips: Texts<MatchingClip[]> = {
      all: clipsOf(found.all),
      any: clipsOf(found.any),
      not: clipsOf(found.not),
      sequence: clipsOf(found.sequence),
    };
    const there = Object.values(clips).every((lists: MatchingClip[][]) =>
      lists.every((list) => list.length > 0),
    );
    return there ? [rankVideo(videoId, query, clips, cut)] : []; // Else deleted meanwhile.
  });
  const by = isSingle(query) ? 'score' : 'relevance';
  return ranked.sort((a, b) => b[by] - a[by] || (a.videoId < b.videoId ? -1 : 1));
}

function rankVideo(videoId: string, query: TextQuery, clips: Texts<MatchingClip[]>, cut: Cut): RankedVideo {
  const greatest = (lists: MatchingClip[][], of: 'logit' | 'relevance') =>
    lists.map((list) => Math.max(...list.map((clip) => clip[of])));
  const chain = query.sequence.length > 0 ? bestChain(clips.sequence, query.withinSeconds) : null;
  const inOrder = query.sequence.length > 0 ? [chain?.relevance ?? 0] : [];
  const all = greatest(clips.all, 'relevance');
  const any = greatest(clips.any, 'relevance');
  const moments = [...query.all, ...query.any].flatMap(({ text }, i) =>
    momentsOf([...clips.all, ...clips.any][i] ?? [], text, cut),
  );
  const by = isSingle(query) ? 'score' : 'relevance';
  const steps = (chain?.clips ?? []).map((clip, i) => moment(clip, query.sequence[i]?.text ?? ''));
  return {
    videoId,
    score: leastOf({
      all: greatest([...clips.all, ...clips.sequence], 'logit'),
      any: greatest(clips.any, 'logit'),
    }),
    relevance: compose({ all: [...all, ...inOrder], any, not: greatest(clips.not, 'relevance') }),
    presence: leastOf({ all: [...all, ...greatest(clips.sequence, 'relevance')], any }),
    // A sequence is told in its order.
    moments: [...steps, ...moments.sort((a, b) => b[by] - a[by])],
  };
}

/** Several texts have no scale in common but that of relevance. */
export function isSingle({ all, any, not, sequence }: TextQuery): boolean {
  return all.length + any.length === 1 && not.length + sequence.length === 0;
}

/** The stretches that match well enough, always the best one; best first. */
function momentsOf(clips: MatchingClip[], text: string, { minRelevance, relevant }: Cut): Moment[] {
  const [best, ...others] = stretches(clips, relevant).sort((a, b) => b.logit - a.logit);
  if (!best) return [];
  return [best, ...others.filter((stretch) => stretch.relevance >= minRelevance)].map((stretch) =>
    moment(stretch, text),
  );
}

const moment = ({ start, end, logit, relevance }: Stretch, text: string): Moment => ({
  ...{ start, end, score: logit, relevance, text },
});
