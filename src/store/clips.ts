import type { EmbeddedClip, Lease, SearchKey, VideoFilter } from './types.ts';

export interface Clips {
  /** In order of index. */
  of(videoId: string, model: string): Promise<EmbeddedClip[]>;
  /** Stores a clip (again) after its features were written. Throws `LeaseLost`. */
  add(lease: Lease, model: string, clip: EmbeddedClip): Promise<void>;
  setBackground(
    videoId: string,
    model: string,
    index: number,
    background: number,
    hash: string,
  ): Promise<void>;
  /**
   * The videos searchable in `snapshot`, by the distance of their nearest clip, then by id; `from` is exclusive,
   * `to` inclusive. The same distance to the last bit for the same clip and query.
   */
  nearestVideos(request: {
    model: string;
    /** L2-normalised, D numbers. */
    query: Float32Array;
    snapshot: number;
    from?: SearchKey | undefined;
    to?: SearchKey | undefined;
    limit: number;
    filter?: VideoFilter | null | undefined;
  }): Promise<SearchKey[]>;
  /** The up to `perVideo` nearest clips of each video, nearest first within a video. */
  nearest(request: {
    model: string;
    query: Float32Array;
    videoIds: string[];
    perVideo: number;
  }): Promise<EmbeddedClip[]>;
}
