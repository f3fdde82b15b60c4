import type { ClipKey, Video } from '../store/types.ts';
import type { SearchParts } from './parts.ts';
import { growMoments } from './ranking/grow-moments.ts';
import { inBlocks, takePage } from './ranking/in-blocks.ts';
import type { Moment } from './ranking/moments.ts';
import { type OpenSearch, openSearch, type Search } from './ranking/open-search.ts';
import { scoreMoments } from './ranking/score-moments.ts';
import { encodeCursor } from './ranking/search-cursor.ts';
import { isSingle } from './ranking/text-query.ts';

export type MomentSearch = Omit<Search, 'sequence' | 'withinSeconds'>;

export interface MomentSearchEdge {
  cursor: string;
  video: Video;
  moment: Moment;
}

export interface MomentSearchPage {
  edges: MomentSearchEdge[];
  hasNextPage: boolean;
  /** Whether a clip scored for this page was scored without its patch features. */
  approximate: boolean;
}

/** Clips that are scored and ordered together. */
const BLOCK = 50;
/** A block met again may hold more: clips that an edit lets through the filter since. */
const BLOCK_AGAIN = 1_000;

/**
 * One page of the moments that match, of all videos, best first within blocks of 50 clips, which come in the order of
 * their distance. The texts must hold of the same clip; neighbouring clips that match are one moment. Throws
 * `BAD_USER_INPUT` and `BAD_CURSOR`.
 */
export async function searchMoments(
  parts: SearchParts,
  search: MomentSearch,
  signal?: AbortSignal,
): Promise<MomentSearchPage> {
  const open = await openSearch(parts, 'moments', search, signal);
  const { page, hasNextPage } = await takePage(matchMoments(parts, open, signal), search.first);
  const edges = page.map(({ match: { video, moment }, place }) => {
    return { cursor: encodeCursor(open.key, place), video, moment };
  });
  const { approximate } = open.scoring.tally;
  return { edges, hasNextPage, approximate };
}

interface MomentMatch {
  videoId: string;
  /** Of the nearest clip. */
  index: number;
  video: Video;
  moment: Moment;
}

function matchMoments(
  parts: SearchParts,
  { query, filter, cut, scoring, place }: OpenSearch,
  signal?: AbortSignal,
) {
  const { store, model } = parts;
  const { fingerprint } = model;
  const { minRelevance, relevant } = cut;
  const queries = { all: query.all.map((text) => text.unit), any: query.any.map((text) => text.unit) };
  const [text = null] = query.all.length + query.any.length === 1 ? [...query.all, ...query.any] : [];
  return inBlocks<ClipKey, MomentMatch>(
    {
      async next(from, to) {
        const bounds = { from: clipKey(from), to: clipKey(to) };
        const { clips, scan } = await store.clips.nearestClips({
          ...{ model: fingerprint, queries, snapshot: place.snapshot, filter },
          ...{ ...bounds, limit: to ? BLOCK_AGAIN : BLOCK },
        });
        scoring.tally.index ||= scan === 'INDEX';
        return { keys: clips, last: clips.length < BLOCK };
      },
      async rank(keys) {
        const clips = await store.clips.at(fingerprint, keys);
        const scored = await scoreMoments(parts, query, clips, scoring, signal);
        const seeds = scored.filter((clip) => clip.relevance >= minRelevance);
        const moments = await growMoments(parts, query, seeds, relevant, scoring, signal);
        const videos = await store.videos.getMany([...new Set(moments.map(({ seed }) => seed.videoId))]);
        const byId = new Map(videos.map((video) => [video.id, video]));
        const matches = moments.flatMap(({ seed: { videoId, index }, moment }) => {
          const video = byId.get(videoId);
          if (!video) return []; // Deleted meanwhile.
          const { start, end, logit: score, relevance } = moment;
          return [
            {
              videoId,
              index,
              video,
              moment: { start, end, score, relevance, text: text?.text ?? null, clip: moment.clip },
            },
          ];
        });
        const by = isSingle(query) ? 'score' : 'relevance';
        matches.sort((a, b) => b.moment[by] - a.moment[by] || (idOf(a) < idOf(b) ? -1 : 1));
        return { matches, near: minRelevance === 0 || scored.some((clip) => clip.presence >= minRelevance) };
      },
      idOf,
    },
    place,
    signal,
  );
}

const idOf = ({ videoId, index }: { videoId: string; index: number }) => `${videoId}:${index}`;

function clipKey(bound: { distance: number; videoId: string; index?: number | undefined } | null) {
  return bound ? { ...bound, index: bound.index ?? 0 } : undefined;
}
