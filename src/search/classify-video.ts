import type { Video } from '../store/types.ts';
import type { SearchParts } from './search-videos.ts';

export interface VideoClassification {
  id: string;
  labels: string[];
  /** Holds `{}` exactly once. Default: the label itself is the text. */
  template?: string | null | undefined;
  /** Seconds; only clips that overlap `[start, end)` count. */
  start?: number | null | undefined;
  end?: number | null | undefined;
}

export interface LabelScore {
  /** As sent. */
  label: string;
  probability: number;
  logit: number;
}

export interface ClassificationResult {
  video: Video;
  /** Highest probability first. */
  labels: LabelScore[];
}

/** How probable each label is for a stored video. Throws `BAD_USER_INPUT`, `NOT_FOUND`, `VIDEO_NOT_READY`, `TOO_COSTLY`. */
export async function classifyVideo(
  _parts: SearchParts,
  _classification: VideoClassification,
  _signal?: AbortSignal,
): Promise<ClassificationResult> {
  throw new Error('Not built yet.');
}
