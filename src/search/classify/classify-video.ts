import { noVideo } from '../../errors.ts';
import type { Video } from '../../store/types.ts';
import { clipsOfVideo, type PartOfVideo } from '../clips-of-video.ts';
import type { SearchParts } from '../parts.ts';
import { checkPairs } from './check-pairs.ts';
import { type ExampledRequest, prepareLabels, resolveRequest } from './prepare-labels.ts';
import { type LabelledClip, type LabelScore, labelScores, scoreLabels } from './score-labels.ts';

export interface VideoClassification extends ExampledRequest, PartOfVideo {
  id: string;
}

export interface ClassificationResult {
  video: Video;
  /** Highest probability first. */
  labels: LabelScore[];
  /** The labels as asked, and how they fit each clip, in order of time. */
  names: string[];
  clips: LabelledClip[];
  /** Whether a clip was scored without its patch features, because none are kept. */
  approximate: boolean;
}

/**
 * How probable each label is for a stored video: the softmax of the scores averaged over its clips, all alike; and how
 * confidently each holds by itself. Throws `BAD_USER_INPUT`, `NOT_FOUND`, `VIDEO_NOT_READY`, `TOO_COSTLY`.
 */
export async function classifyVideo(
  parts: SearchParts,
  { id, start, end, ...request }: VideoClassification,
  signal?: AbortSignal,
): Promise<ClassificationResult> {
  const labels = await resolveRequest(parts, request);
  const { video, clips } = await clipsOfVideo(parts, id, { start, end });
  checkPairs(labels.length, clips.length, 'narrow the time with `start` and `end`');
  const prepared = await prepareLabels(parts, labels, signal);
  const { names } = prepared;
  const scored = await scoreLabels(parts, prepared, clips, signal);
  if (scored.clips.length === 0) throw noVideo(); // Deleted meanwhile.
  return { video, names, labels: labelScores(names, scored.clips), ...scored };
}
