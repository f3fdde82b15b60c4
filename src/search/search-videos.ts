import { ClipqlError } from '../errors.ts';
import type { Video, VideoFilter } from '../store/types.ts';
import { checkText } from './check-text.ts';
import type { SearchParts } from './parts.ts';
import { embedQuery, type Query } from './query.ts';
import { type Moment, rankBlock } from './rank-block.ts';
import { decodeCursor, encodeCursor, type SearchPlace, searchKey } from './search-cursor.ts';

export interface VideoSearch {
  text: string;
  /** Edges a page, 1 to 100. */
  first: number;
  /** The cursor of the edge to go on after. */
  after?: string | null | undefined;
  filter?: VideoFilter | null | undefined;
  /** 0 to 1. Default: the model card's. The same on every page of a search. */
  minRelevance?: number | null | undefined;
}

export interface VideoSearchEdge {
  cursor: string;
  video: Video;
  /** The largest logit among the video's collected clips. */
  score: number;
  /** 0 to 1. */
  relevance: number;
  /** Best first; at least one. */
  moments: Moment[];
}

export interface VideoSearchPage {
  edges: VideoSearchEdge[];
  hasNextPage: boolean;
  /** Whether a clip scored for this page was scored without its patch features. */
  approximate: boolean;
}

/** Videos that are scored and ordered together. */
const BLOCK = 50;
/** A block met again may hold more: videos that an edit lets through the filter since. */
const BLOCK_AGAIN = 1_000;

/**
 * One page of the videos that match a text, best first within blocks of 50, which come in the order of the videos'
 * nearest clips. The pages of one search see the same snapshot: no video comes twice, none is skipped, and videos
 * deleted meanwhile are left out. Throws `BAD_USER_INPUT` and `BAD_CURSOR`.
 */
export async function searchVideos(
  parts: SearchParts,
  search: VideoSearch,
  signal?: AbortSignal,
): Promise<VideoSearchPage> {
  const { store, model } = parts;
  const text = checkText(search.text, '`text`');
  const filter = search.filter ?? {};
  const minRelevance = search.minRelevance ?? model.card.relevance.minRelevance;
  if (!(minRelevance >= 0 && minRelevance <= 1)) {
    throw new ClipqlError('BAD_USER_INPUT', '`minRelevance` must be a number from 0 to 1.');
  }
  const key = searchKey(text, filter, minRelevance, model.fingerprint);
  const place =
    search.after == null
      ? { snapshot: await store.videos.snapshot(model.fingerprint), from: null, to: null, returned: [] }
      : decodeCursor(search.after, key);
  const query = await embedQuery(model, text, signal);
  const edges: VideoSearchEdge[] = [];
  const seen = { approximate: false };
  for await (const edge of matches(parts, { key, query, filter, minRelevance }, place, seen, signal)) {
    edges.push(edge);
    if (edges.length > search.first) break;
  }
  return { edges: edges.slice(0, search.first), hasNextPage: edges.length > search.first, ...seen };
}

/** The matching videos from a place on, block by block; `seen` is told what was scored on the way. */
async function* matches(
  parts: SearchParts,
  {
    key,
    query,
    filter,
    minRelevance,
  }: { key: string; query: Query; filter: VideoFilter; minRelevance: number },
  place: SearchPlace,
  seen: { approximate: boolean },
  signal?: AbortSignal,
): AsyncGenerator<VideoSearchEdge> {
  const { store, model } = parts;
  const { snapshot } = place;
  let { from, to, returned } = place;
  for (;;) {
    signal?.throwIfAborted();
    const block = await store.clips.nearestVideos({
      ...{ model: model.fingerprint, query: query.unit, snapshot, filter },
      ...{ from: from ?? undefined, to: to ?? undefined, limit: to ? BLOCK_AGAIN : BLOCK },
    });
    const last = !to && block.length < BLOCK;
    to ??= block.at(-1) ?? null;
    const left = block.map((video) => video.videoId).filter((id) => !returned.includes(id));
    const ranked = await rankBlock(parts, query, left, minRelevance, signal);
    seen.approximate ||= ranked.some((video) => video.approximate);
    const matching = ranked.filter((video) => video.relevance >= minRelevance);
    const videos = await store.videos.getMany(matching.map((match) => match.videoId));
    const byId = new Map(videos.map((video) => [video.id, video]));
    const reached = returned.length > 0 || matching.length > 0;
    for (const { videoId, score, relevance, moments } of matching) {
      const video = byId.get(videoId);
      if (!video) continue; // Deleted meanwhile.
      returned = [...returned, videoId];
      yield { cursor: encodeCursor(key, { snapshot, from, to, returned }), video, score, relevance, moments };
    }
    if (last || (minRelevance > 0 && !reached)) return;
    [from, to, returned] = [to, null, []];
  }
}
