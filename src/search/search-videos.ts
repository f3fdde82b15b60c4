import type { Store } from '../store/store.ts';
import type { Video, VideoFilter } from '../store/types.ts';
import type { XClip } from '../xclip/xclip.ts';

/** What search and classification need of the rest of the program. */
export interface SearchParts {
  store: Store;
  model: XClip;
}

export interface VideoSearch {
  text: string;
  /** Edges a page, 1 to 100. */
  first: number;
  /** The cursor of the edge to go on after. */
  after?: string | null | undefined;
  filter?: VideoFilter | null | undefined;
  /** 0 to 1. Default: the model card's. */
  minRelevance?: number | null | undefined;
}

/** A clip that matches the text, in seconds. */
export interface Moment {
  start: number;
  end: number;
  /** Its logit. */
  score: number;
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
}

/** One page of the videos that match a text, best first within blocks. Throws `BAD_USER_INPUT`, `BAD_CURSOR`. */
export async function searchVideos(
  _parts: SearchParts,
  _search: VideoSearch,
  _signal?: AbortSignal,
): Promise<VideoSearchPage> {
  throw new Error('Not built yet.');
}
