import type { Video } from '../../store/types.ts';
import type { SearchParts } from '../parts.ts';
import { MOST_COUNTED } from './count-relevant.ts';
import { matchVideos, type VideoMatch } from './match-videos.ts';
import type { OpenSearch } from './open-search.ts';
import { atStart, type Place } from './search-cursor.ts';

/** The order of what was found. */
export type SearchOrder = 'RELEVANCE' | 'NEWEST' | 'OLDEST' | 'LONGEST' | 'SHORTEST';

/** What ascends in an order. */
const RANK: Record<Exclude<SearchOrder, 'RELEVANCE'>, (video: Video) => number> = {
  NEWEST: (video) => -video.createdAt.getTime(),
  OLDEST: (video) => video.createdAt.getTime(),
  LONGEST: (video) => -video.duration,
  SHORTEST: (video) => video.duration,
};

/**
 * What a search finds, up to 1,000 videos, in another order than that of their relevance; equal ones by id. From the
 * search's place on, each with the place after it.
 */
export async function* matchInOrder(
  parts: SearchParts,
  open: OpenSearch,
  order: Exclude<SearchOrder, 'RELEVANCE'>,
  signal?: AbortSignal,
): AsyncGenerator<{ match: VideoMatch; place: Place }> {
  const { place } = open;
  const rank = RANK[order];
  const found: { match: VideoMatch; distance: number; videoId: string }[] = [];
  for await (const { match } of matchVideos(parts, open, atStart(place.snapshot), signal)) {
    found.push({ match, distance: rank(match.video), videoId: match.videoId });
    if (found.length === MOST_COUNTED) break;
  }
  type Key = { distance: number; videoId: string };
  const compare = (a: Key, b: Key) => a.distance - b.distance || (a.videoId < b.videoId ? -1 : 1);
  const { from } = place;
  const left = found
    .sort(compare)
    .filter((key) => !from || (key.videoId !== from.videoId && compare(key, from) > 0));
  let { before } = place;
  for (const { match, distance, videoId } of left) {
    before += 1;
    yield { match, place: { ...place, from: { distance, videoId }, before } };
  }
}
