import type { SearchKey, Video } from '../../store/types.ts';
import type { SearchParts } from '../parts.ts';
import { inBlocks } from './in-blocks.ts';
import type { OpenSearch } from './open-search.ts';
import { type RankedVideo, rankVideos } from './rank-videos.ts';
import type { Place } from './search-cursor.ts';

/** A video that a search found. */
export interface VideoMatch extends RankedVideo {
  video: Video;
}

/** Videos that are scored and ordered together. */
const BLOCK = 200;
/** So few videos are the last ones, and their nearest clips are scored however far they are. */
const FEW = 50;
/** A block met again may hold more: videos that an edit lets through the filter since. */
const BLOCK_AGAIN = 1_000;

/** The videos that a search finds from a place on, best first within blocks of 200, each with the place after it. */
export function matchVideos(
  parts: SearchParts,
  { query, filter, cut, scoring }: OpenSearch,
  place: Place,
  signal?: AbortSignal,
): AsyncGenerator<{ match: VideoMatch; place: Place }> {
  const { store, model } = parts;
  const { all, any, sequence } = query;
  const queries = {
    all: [...all, ...sequence].map((text) => text.unit),
    any: any.map((text) => text.unit),
  };
  const { minRelevance } = cut;
  return inBlocks<SearchKey, VideoMatch>(
    {
      async next(from, to) {
        const { videos, scan } = await store.clips.nearestVideos({
          ...{ model: model.fingerprint, queries, snapshot: place.snapshot, filter },
          ...{ from: from ?? undefined, to: to ?? undefined, limit: to ? BLOCK_AGAIN : BLOCK },
        });
        scoring.tally.index ||= scan === 'INDEX';
        return { keys: videos, last: videos.length <= FEW };
      },
      async rank(keys, reach) {
        const ids = keys.map((key) => key.videoId);
        // A clip that is farther away is better found in what comes next.
        const limits = Number.isFinite(reach) ? { minRelevance, within: reach } : { minRelevance };
        const { ranked, near } = await rankVideos(parts, query, ids, limits, scoring, signal);
        const matching = ranked.filter((video) => video.relevance >= minRelevance);
        const videos = await store.videos.getMany(matching.map((match) => match.videoId));
        const byId = new Map(videos.map((video) => [video.id, video]));
        const matches = matching.flatMap((match) => {
          const video = byId.get(match.videoId);
          return video ? [{ ...match, video }] : []; // Else deleted meanwhile.
        });
        return { matches, near: near || minRelevance === 0 };
      },
      idOf: ({ videoId }) => videoId,
    },
    place,
    signal,
  );
}
