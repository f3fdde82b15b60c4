import type { SearchParts } from '../parts.ts';
import { matchVideos } from './match-videos.ts';
import type { OpenSearch } from './open-search.ts';
import { atStart } from './search-cursor.ts';

/** Counting further would score a large library to its end for one number. */
export const MOST_COUNTED = 1_000;

/** How many videos a search finds from its start to its end, up to 1,000. */
export async function countRelevant(
  parts: SearchParts,
  open: OpenSearch,
  signal?: AbortSignal,
): Promise<number> {
  const { snapshot } = open.place;
  if (open.cut.minRelevance === 0) {
    const request = { model: parts.model.fingerprint, snapshot, filter: open.filter };
    return Math.min(MOST_COUNTED, (await parts.store.clips.count(request)).videos);
  }
  let count = 0;
  for await (const _ of matchVideos(parts, open, atStart(snapshot), signal)) {
    count += 1;
    if (count === MOST_COUNTED) break;
  }
  return count;
}
