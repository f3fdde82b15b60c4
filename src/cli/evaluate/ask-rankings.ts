import type { Client } from '../library/client.ts';
import { inParallel } from './in-parallel.ts';
import type { Ranking } from './metrics/retrieval.ts';

/** A text, and the ids of the videos that are true answers to it. */
export interface Query {
  text: string;
  relevant: Set<string>;
}

/** Ids that a filter may name; more videos than that are picked from a search of the whole library. */
const MOST_IDS = 1000;

const SEARCH = `query ($text: String!, $filter: VideoFilter, $after: String) {
  searchVideos(text: $text, filter: $filter, minRelevance: 0, first: 100, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { id } } } }`;

/** Searches for texts among videos, by their ids, and tells at which places among these the true answers came. */
export function askRankings(client: Client, queries: Query[], ids: string[]): Promise<Ranking[]> {
  const filter = ids.length <= MOST_IDS ? { ids } : undefined;
  const among = new Set(ids);
  return inParallel('search', queries, async ({ text, relevant }) => {
    const ranks: number[] = [];
    let after: string | null = null;
    let place = 0;
    do {
      const { searchVideos } = await client.ask(SEARCH, { text, filter, after });
      for (const { node } of searchVideos.edges) {
        if (!among.has(node.id)) continue;
        place += 1;
        if (relevant.has(node.id)) ranks.push(place);
      }
      after = searchVideos.pageInfo.hasNextPage ? searchVideos.pageInfo.endCursor : null;
    } while (after !== null && ranks.length < relevant.size);
    return { text, relevant: relevant.size, ranks };
  });
}
