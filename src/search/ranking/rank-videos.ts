import type { SearchParts } from '../parts.ts';
import type { Query } from '../query.ts';
import { bestChain, type Chain } from './best-chain.ts';
import { compose, leastOf } from './compose.ts';
import { type Depth, matchText, usualDepth } from './match-text.ts';
import type { Scoring } from './score-clips.ts';
import type { MatchingClip } from './stretches.ts';
import { isSingle, type TextQuery } from './text-query.ts';

/** Clips of a video that were scored for a text, best first. */
export interface TextMatch {
  query: Query;
  clips: MatchingClip[];
}

export interface RankedVideo {
  videoId: string;
  /** The largest logit among its collected clips; of several texts that must hold the least, of alternatives the greatest. */
  score: number;
  /** How far all that is asked for holds, 0 to 1. */
  relevance: number;
  /** What must hold, or may as one of several. */
  matches: TextMatch[];
  /** Null without a sequence. */
  chain: Chain | null;
}

/** The clips of each video that were scored for a text. */
type Found = Map<string, MatchingClip[]>;

/**
 * Scores for each text the nearest clips of each video and orders the videos: of one text by (score descending, id), of
 * several by (relevance descending, id). A text holds of a video as much as of its best clip. Videos of which something
 * that must hold falls short of `minRelevance` are left out; `near` says whether any was not.
 * @param within how far away clips of what must hold are looked at, beyond each video's nearest
 */
export async function rankVideos(
  parts: SearchParts,
  query: TextQuery,
  videoIds: string[],
  { minRelevance, within }: { minRelevance: number; within?: number | undefined },
  scoring: Scoring,
  signal?: AbortSignal,
): Promise<{ ranked: RankedVideo[]; near: boolean }> {
  let left = videoIds;
  const usual = usualDepth(scoring);
  const match = (text: Query, depth: Depth) => matchText(parts, text, left, depth, scoring, signal);
  const holds = (found: Found[]) => (id: string) =>
    greatest(
      found.flatMap((map) => map.get(id) ?? []),
      'relevance',
    ) >= minRelevance;
  /** Each must hold: whatever falls short at one text is not scored for the next. */
  const matchEach = async (texts: Query[], depth: Depth) => {
    const found: Found[] = [];
    for (const text of texts) {
      const map = await match(text, depth);
      found.push(map);
      left = left.filter((id) => map.has(id)).filter(holds([map]));
    }
    return found;
  };

  const radius = { ...usual, ...(within === undefined ? {} : { within }) };
  const all = await matchEach(query.all, radius);
  const any: Found[] = [];
  for (const text of query.any) any.push(await match(text, radius));
  if (any.length > 0) left = left.filter(holds(any));
  const sequence = await matchEach(query.sequence, usual);
  const near = left.length > 0;
  const not: Found[] = [];
  for (const text of query.not) not.push(await match(text, usual));

  const ranked = left
    .filter((id) => [...all, ...any, ...sequence, ...not].every((map) => map.has(id))) // Else deleted meanwhile.
    .map((id) => {
      const of = (maps: Found[]) => maps.map((map) => map.get(id) ?? []);
      return rankVideo(id, query, { all: of(all), any: of(any), not: of(not), sequence: of(sequence) });
    });
  const by = isSingle(query) ? 'score' : 'relevance';
  return {
    ranked: ranked.sort((a, b) => b[by] - a[by] || (a.videoId < b.videoId ? -1 : 1)),
    near,
  };
}

function rankVideo(
  videoId: string,
  query: TextQuery,
  clips: Record<'all' | 'any' | 'not' | 'sequence', MatchingClip[][]>,
): RankedVideo {
  const best = (lists: MatchingClip[][], of: 'logit' | 'relevance') =>
    lists.map((list) => greatest(list, of));
  const chain = query.sequence.length > 0 ? bestChain(clips.sequence, query.withinSeconds) : null;
  const inOrder = query.sequence.length > 0 ? [chain?.relevance ?? 0] : [];
  const lists = [...clips.all, ...clips.any];
  return {
    ...{ videoId, chain },
    score: leastOf({ all: best([...clips.all, ...clips.sequence], 'logit'), any: best(clips.any, 'logit') }),
    relevance: compose({
      all: [...best(clips.all, 'relevance'), ...inOrder],
      any: best(clips.any, 'relevance'),
      not: best(clips.not, 'relevance'),
    }),
    matches: [...query.all, ...query.any].map((query, i) => ({ query, clips: lists[i] ?? [] })),
  };
}

function greatest(clips: MatchingClip[], of: 'logit' | 'relevance'): number {
  return clips.reduce((most, clip) => Math.max(most, clip[of]), Number.NEGATIVE_INFINITY);
}
