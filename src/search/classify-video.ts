import { ClipqlError } from '../errors.ts';
import type { EmbeddedClip, Video } from '../store/types.ts';
import { embedLabels } from './embed-labels.ts';
import { type LabelRequest, resolveLabels } from './label-texts.ts';
import type { SearchParts } from './parts.ts';
import { withFeatures } from './with-features.ts';

export interface VideoClassification extends LabelRequest {
  id: string;
  /** Seconds; only clips that overlap `[start, end)` count. */
  start?: number | null | undefined;
  end?: number | null | undefined;
}

export interface LabelScore {
  /** As sent. */
  label: string;
  probability: number;
  /** Mean over the clips; of one clip the model's own. */
  logit: number;
}

export interface ClassificationResult {
  video: Video;
  /** Highest probability first. */
  labels: LabelScore[];
  /** Whether a clip was scored without its patch features, because none are kept. */
  approximate: boolean;
}

/** Label–clip pairs of one classification: about half a minute of scoring with B/16 on two cores. */
const MAX_PAIRS = 200_000;

/**
 * How probable each label is for a stored video: the softmax of the logits averaged over its clips, all alike.
 * Throws `BAD_USER_INPUT`, `NOT_FOUND`, `VIDEO_NOT_READY`, `TOO_COSTLY`.
 */
export async function classifyVideo(
  parts: SearchParts,
  { id, start, end, ...request }: VideoClassification,
  signal?: AbortSignal,
): Promise<ClassificationResult> {
  const { store, model } = parts;
  const labels = await resolveLabels(store, request);
  const from = start ?? 0;
  const to = end ?? Number.POSITIVE_INFINITY;
  if (!(from >= 0 && from < to)) {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      '`start` and `end` are seconds, `start` before `end` and not below 0.',
    );
  }
  const video = await store.videos.get(id);
  if (!video) throw notFound();
  if (!video.searchable) {
    throw new ClipqlError(
      'VIDEO_NOT_READY',
      'This video is not embedded yet. Its ingestion says how far it is.',
    );
  }
  const clips = overlapping(await store.clips.of(id, model.fingerprint), from, to, video.duration);
  const pairs = labels.length * clips.length;
  if (pairs > MAX_PAIRS) {
    throw new ClipqlError(
      'TOO_COSTLY',
      `${labels.length} labels × ${clips.length} clips are ${pairs} pairs to score; ${MAX_PAIRS} are allowed. ` +
        'Send fewer labels, or narrow the time with `start` and `end`.',
    );
  }
  const embeddings = await embedLabels(model, labels, signal);
  const { clips: scored, result } = await withFeatures(
    parts,
    clips,
    (located) => model.score(embeddings, located, signal),
    signal,
  );
  if (scored.length === 0) throw notFound(); // Deleted meanwhile.
  return {
    video,
    labels: scoreLabels(
      labels.map(({ label }) => label),
      result,
      scored.length,
    ),
    approximate: scored.some((clip) => clip.features === 'none'),
  };
}

function overlapping(clips: EmbeddedClip[], from: number, to: number, duration: number): EmbeddedClip[] {
  const found = clips.filter((clip) => clip.start < to && clip.end > from);
  if (found.length > 0) return found;
  throw new ClipqlError(
    'BAD_USER_INPUT',
    `No clip lies between \`start\` and \`end\`: the video has ${duration.toFixed(1)} s.`,
  );
}

/** The softmax of clip-averaged logits, highest first; `logits` row-major [clips, labels]. */
function scoreLabels(labels: string[], logits: Float32Array, clips: number): LabelScore[] {
  const means = labels.map((_, label) => {
    let sum = 0;
    for (let clip = 0; clip < clips; clip++) sum += logits[clip * labels.length + label] ?? Number.NaN;
    return sum / clips;
  });
  // Relative to the largest, so that nothing overflows.
  const largest = means.reduce((a, b) => Math.max(a, b));
  const weights = means.map((mean) => Math.exp(mean - largest));
  const total = weights.reduce((a, b) => a + b);
  return labels
    .map((label, i) => ({ label, probability: (weights[i] as number) / total, logit: means[i] as number }))
    .sort((a, b) => b.logit - a.logit);
}

function notFound(): ClipqlError {
  return new ClipqlError('NOT_FOUND', 'There is no video with this id.');
}
