import type { Json, Lease, Page, Video, VideoFilter, VideoSource, Warning } from './types.ts';

export interface NewVideo {
  sha256: string;
  title: string;
  tags: string[];
  metadata: Json;
  duration: number;
  width: number;
  height: number;
  frameRate: number | null;
  source: VideoSource;
  warnings: Warning[];
}

/**
 * Who embeds the video of some bytes:
 * `OURS`: this ingestion does, from the first clip not in `clips.of`, and then calls `complete`;
 * `SEARCHABLE`: it is done: end as a duplicate;
 * `BUSY`: another running ingestion does: release ours with a delay and ask again then.
 */
export interface VideoClaim {
  outcome: 'OURS' | 'SEARCHABLE' | 'BUSY';
  video: Video;
  /** The video row was made by this call. */
  created: boolean;
}

export interface Videos {
  get(id: string): Promise<Video | null>;
  /** In the order of `ids`, unknown ones left out. */
  getMany(ids: string[]): Promise<Video[]>;
  findBySha256(sha256: string): Promise<Video | null>;
  /** Newest first. Throws `BAD_CURSOR`. */
  page(request: { first: number; after?: string | null; filter?: VideoFilter | null }): Promise<Page<Video>>;
  /** Null when there is no such video. */
  update(
    id: string,
    change: { title?: string | undefined; tags?: string[] | undefined; metadata?: Json | undefined },
  ): Promise<Video | null>;
  /** Removes rows and files and cancels the ingestions on it. False when there is no such video. */
  delete(id: string): Promise<boolean>;
  /**
   * Finds or makes the video of these bytes, sets it as the ingestion's, and says who embeds it. When the known
   * video's source is gone, the given one takes its place. Call it before `media.adopt`. Throws `LeaseLost`.
   */
  createFor(lease: Lease, video: NewVideo): Promise<VideoClaim>;
  /**
   * Makes the video searchable, from the next snapshot on, once all its `clips` are stored. Throws `LeaseLost`,
   * and an Error when clips are missing.
   */
  complete(lease: Lease, videoId: string, model: string, clips: number): Promise<void>;
  /** Where its bytes can be read now; null when the source is gone. */
  sourcePath(video: Video): Promise<string | null>;
  /** The number of the latest snapshot of the model's searchable videos. */
  snapshot(model: string): Promise<number>;
}
