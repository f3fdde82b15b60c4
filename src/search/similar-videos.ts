import type { SearchKey, Video, VideoFilter } from '../store/types.ts';
import { clipsOfVideo, type PartOfVideo } from './clips-of-video.ts';
import type { SearchParts } from './parts.ts';
import { inBlocks, takePage } from './ranking/in-blocks.ts';
import { atStart, decodeCursor, encodeCursor, searchKey } from './ranking/search-cursor.ts';
import { meanDirection } from './vectors.ts';

export interface SimilarSearch extends PartOfVideo {
  /** Of the video to compare with. */
  id: string;
  /** Edges a page, 1 to 100. */
  first: number;
  after?: string | null | undefined;
  filter?: VideoFilter | null | undefined;
}

export interface SimilarVideo {
  cursor: string;
  video: Video;
  /** The cosine of the nearest clip to the mean embedding of what is compared with, −1 to 1. */
  similarity: number;
  /** That clip, in seconds. */
  clip: { start: number; end: number };
}

/** Videos taken at a time. */
const BLOCK = 50;
const BLOCK_AGAIN = 1_000;

/**
 * One page of the other videos, the most similar to a video or a part of it first: by the cosine of their nearest clip to
 * the mean of its clips' embeddings. Throws `BAD_USER_INPUT`, `BAD_CURSOR`, `NOT_FOUND`, `VIDEO_NOT_READY`.
 */
export async function similarVideos(
  parts: SearchParts,
  { id, start, end, first, after, ...search }: SimilarSearch,
  signal?: AbortSignal,
): Promise<{ edges: SimilarVideo[]; hasNextPage: boolean }> {
  const { store, model } = parts;
  const { fingerprint } = model;
  const filter = search.filter ?? {};
  const { clips } = await clipsOfVideo(parts, id, { start, end });
  const query = meanDirection(clips.map((clip) => clip.embedding));
  const key = searchKey({ kind: 'similar videos', id, start, end, filter, fingerprint });
  const place = after == null ? atStart(await store.videos.snapshot(fingerprint)) : decodeCursor(after, key);
  const found = inBlocks<SearchKey, Omit<SimilarVideo, 'cursor'> & { videoId: string }>(
    {
      async next(from, to) {
        const { videos } = await store.clips.nearestVideos({
          ...{ model: fingerprint, queries: { all: [query], any: [] }, snapshot: place.snapshot, filter },
          ...{ from: from ?? undefined, to: to ?? undefined, limit: to ? BLOCK_AGAIN : BLOCK },
        });
        return { keys: videos, last: videos.length < BLOCK };
      },
      async rank(keys) {
        const videoIds = keys.map((key) => key.videoId).filter((videoId) => videoId !== id);
        const nearest = await store.clips.nearest({ model: fingerprint, query, videoIds, perVideo: 1 });
        const clipOf = new Map(nearest.map((clip) => [clip.videoId, clip]));
        const videos = await store.videos.getMany(videoIds);
        const byId = new Map(videos.map((video) => [video.id, video]));
        const matches = keys.flatMap(({ videoId, distance }) => {
          const [video, clip] = [byId.get(videoId), clipOf.get(videoId)];
          if (!video || !clip) return []; // Deleted meanwhile, or the video itself.
          return [{ videoId, video, similarity: -distance, clip: { start: clip.start, end: clip.end } }];
        });
        return { matches, near: true };
      },
      idOf: ({ videoId }) => videoId,
    },
    place,
    signal,
  );
  const { page, hasNextPage } = await takePage(found, first);
  const edges = page.map(({ match: { video, similarity, clip }, place }) => {
    return { cursor: encodeCursor(key, place), video, similarity, clip };
  });
  return { edges, hasNextPage };
}
