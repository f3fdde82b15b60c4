import { ClipqlError, noVideo } from '../errors.ts';
import type { EmbeddedClip, Video } from '../store/types.ts';
import type { SearchParts } from './parts.ts';

/** A part of a video, in seconds: `[start, end)`. */
export interface PartOfVideo {
  start?: number | null | undefined;
  end?: number | null | undefined;
}

/**
 * A stored video and those of its clips that overlap the part, at least one. Throws `BAD_USER_INPUT`, `NOT_FOUND`,
 * `VIDEO_NOT_READY`.
 */
export async function clipsOfVideo(
  { store, model }: SearchParts,
  id: string,
  { start, end }: PartOfVideo,
): Promise<{ video: Video; clips: EmbeddedClip[] }> {
  const from = start ?? 0;
  const to = end ?? Number.POSITIVE_INFINITY;
  if (!(from >= 0 && from < to)) {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      '`start` and `end` are seconds, `start` before `end` and not below 0.',
    );
  }
  const video = await store.videos.get(id);
  if (!video) throw noVideo();
  if (!video.searchable) {
    throw new ClipqlError(
      'VIDEO_NOT_READY',
      'This video is not embedded yet. Its ingestion says how far it is.',
    );
  }
  const clips = await store.clips.of(id, model.fingerprint);
  const found = clips.filter((clip) => clip.start < to && clip.end > from);
  if (found.length > 0) return { video, clips: found };
  throw new ClipqlError(
    'BAD_USER_INPUT',
    `No clip lies between \`start\` and \`end\`: the video has ${video.duration.toFixed(1)} s.`,
  );
}
