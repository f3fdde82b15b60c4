import type { Video } from '../store/types.ts';
import type { SearchParts } from './parts.ts';
import { countRelevant } from './ranking/count-relevant.ts';
import { takePage } from './ranking/in-blocks.ts';
import { matchVideos, type VideoMatch } from './ranking/match-videos.ts';
import { type Moment, momentsOf } from './ranking/moments.ts';
import { type OpenSearch, openSearch, type Search } from './ranking/open-search.ts';
import { matchInOrder, type SearchOrder } from './ranking/order.ts';
import { receiptOf, type SearchReceipt } from './ranking/receipt.ts';
import { encodeCursor, type Place } from './ranking/search-cursor.ts';

export interface VideoSearch extends Search {
  /** Default RELEVANCE. */
  orderBy?: SearchOrder | null | undefined;
}

export interface VideoSearchEdge {
  cursor: string;
  video: Video;
  /** Of one text the largest logit among the video's collected clips; see `RankedVideo`. */
  score: number;
  /** 0 to 1. */
  relevance: number;
  /** Best first, those of a sequence first and in its order; at least one. */
  moments: Moment[];
}

export interface VideoSearchPage {
  edges: VideoSearchEdge[];
  hasNextPage: boolean;
  /** Whether a clip scored for this page was scored without its patch features. */
  approximate: boolean;
  /** How many videos are relevant enough, counted up to 1,000. */
  totalRelevant(): Promise<number>;
  receipt: SearchReceipt;
}

/**
 * One page of the videos that match a text, best first within blocks of 200, which come in the order of the videos'
 * nearest clips. The pages of one search see the same snapshot: no video comes twice, none is skipped, and videos
 * deleted meanwhile are left out. Throws `BAD_USER_INPUT` and `BAD_CURSOR`.
 */
export async function searchVideos(
  parts: SearchParts,
  { orderBy, ...search }: VideoSearch,
  signal?: AbortSignal,
): Promise<VideoSearchPage> {
  const order = orderBy ?? 'RELEVANCE';
  const open = await openSearch(parts, `videos by ${order}`, search, signal);
  const { tally } = open.scoring;
  const matches =
    order === 'RELEVANCE'
      ? matchVideos(parts, open, open.place, signal)
      : matchInOrder(parts, open, order, signal);
  const { page, hasNextPage } = await takePage(matches, search.first);
  const videos = page.map(({ match }) => match);
  const moments = await momentsOf(parts, open.query, videos, open.cut, open.scoring, signal);
  const edges = page.map(({ match, place }, i) => edgeOf(open, match, place, moments[i] ?? []));
  return {
    edges,
    hasNextPage,
    approximate: tally.approximate,
    totalRelevant: () => countRelevant(parts, open, signal),
    receipt: receiptOf(parts, open, { ...tally }, search.first, edges, signal),
  };
}

function edgeOf(
  { key }: OpenSearch,
  { video, score, relevance }: VideoMatch,
  place: Place,
  moments: Moment[],
): VideoSearchEdge {
  return { cursor: encodeCursor(key, place), video, score, relevance, moments };
}
