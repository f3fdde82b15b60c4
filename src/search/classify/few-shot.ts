import { ClipqlError } from '../../errors.ts';
import type { EmbeddedClip } from '../../store/types.ts';
import type { XClip } from '../../xclip/xclip.ts';
import type { SearchParts } from '../parts.ts';
import { scoreClips, withoutFeatures } from '../ranking/score-clips.ts';
import { newTally } from '../ranking/tally.ts';
import { dot, meanDirection } from '../vectors.ts';
import type { ResolvedLabel } from './label-texts.ts';

/** An example of a label: a video. */
export interface Shot {
  videoId: string;
  /** The direction [D] of the mean of its clips' embeddings. */
  direction: Float32Array;
  /** How far the label's text holds of it, 0 to 1. */
  relevance: number;
}

/** What examples say of clips, beside texts. */
export interface FewShot {
  /** Of each label, those there are. */
  shots: Shot[][];
  /** Clips from all over the library: how near any clip is to another. */
  anyClips: EmbeddedClip[];
  /** `exp(logit_scale)`: what a cosine is worth in logits. */
  scale: number;
}

/** Examples of one request. */
const MAX_EXAMPLES = 1_000;
/** Clips of an example, evenly from its length. */
const CLIPS = 8;
/** Clips that say how near any clip is to another, each of another video. */
const ANY_CLIPS = 200;

/**
 * Prepares the examples of labels; null when there are none. Throws `NOT_FOUND` and `VIDEO_NOT_READY` naming the example,
 * `TOO_COSTLY`.
 */
export async function prepareExamples(
  parts: SearchParts,
  labels: ResolvedLabel[],
  embeddings: Float32Array[],
  signal?: AbortSignal,
): Promise<FewShot | null> {
  const count = labels.reduce((sum, { examples }) => sum + examples.length, 0);
  if (count === 0) return null;
  if (count > MAX_EXAMPLES) {
    throw new ClipqlError('TOO_COSTLY', `The labels have ${count} examples; ${MAX_EXAMPLES} are allowed.`);
  }
  const { store, model } = parts;
  const shots: Shot[][] = [];
  for (const [i, { label, examples }] of labels.entries()) {
    const text = embeddings[i] as Float32Array;
    const shotsOf: Shot[] = [];
    for (const videoId of examples) {
      const clips = await clipsOfExample(parts, label, videoId);
      const scoring = { exact: true, tally: newTally() };
      const scored = await scoreClips(parts, [text], clips, scoring, signal);
      const relevance = Math.max(0, ...scored.map(({ scores: [score] }) => score?.relevance ?? 0));
      shotsOf.push({ videoId, direction: meanDirection(clips.map((clip) => clip.embedding)), relevance });
    }
    shots.push(shotsOf);
  }
  const anyClips = await store.clips.firstOfVideos(model.fingerprint, ANY_CLIPS);
  return { shots, anyClips, scale: await scaleOf(model) };
}

async function clipsOfExample(
  { store, model }: SearchParts,
  label: string,
  videoId: string,
): Promise<EmbeddedClip[]> {
  const video = await store.videos.get(videoId);
  if (!video) {
    throw new ClipqlError('NOT_FOUND', `There is no video ${videoId}, an example of "${label}".`);
  }
  const clips = video.searchable ? await store.clips.of(videoId, model.fingerprint) : [];
  if (clips.length === 0) {
    throw new ClipqlError(
      'VIDEO_NOT_READY',
      `Video ${videoId}, an example of "${label}", is not embedded yet.`,
    );
  }
  const count = Math.min(CLIPS, clips.length);
  return Array.from({ length: count }, (_, i) => {
    return clips[Math.floor(((i + 0.5) * clips.length) / count)] as EmbeddedClip;
  });
}

/** How near a clip is to clips of any other video. */
export function nearAny({ anyClips }: FewShot, { videoId, embedding }: EmbeddedClip): number {
  const others = anyClips.filter((clip) => clip.videoId !== videoId);
  return others.length > 0
    ? nearness(
        embedding,
        others.map((clip) => clip.embedding),
      )
    : 0;
}

/**
 * The score of a label for a clip, from its text and its examples, without training as Tip-Adapter (arXiv 2111.03930) does:
 * `w · logit + (1 − w) · undecided + scale · (near − nearAny)`. `near` is the mean of `exp(cos − 1)` over the examples
 * (the paper's α = β = 1), `nearAny` the same over clips of any kind, so that labels with many, few and no examples
 * compare. `w` is how far the text holds of the label's own examples: a text that means nothing to the model counts as
 * `undecided`, the logit of relevance 0.5. Figures: docs/few-shot.md.
 */
export function blend(
  shots: Pick<Shot, 'direction' | 'relevance'>[],
  embedding: Float32Array,
  { logit, undecided, nearAny, scale }: { logit: number; undecided: number; nearAny: number; scale: number },
): number {
  if (shots.length === 0) return logit;
  const weight = mean(shots.map((shot) => shot.relevance));
  const near = nearness(
    embedding,
    shots.map((shot) => shot.direction),
  );
  return weight * logit + (1 - weight) * undecided + scale * (near - nearAny);
}

function nearness(embedding: Float32Array, others: Float32Array[]): number {
  return mean(others.map((other) => Math.exp(dot(embedding, other) - 1)));
}

const mean = (numbers: number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

/** The logit of a text and a clip of the same direction, without patch features. */
async function scaleOf(model: XClip): Promise<number> {
  const unit = new Float32Array(model.dimensions);
  unit[0] = 1;
  const [scale = Number.NaN] = await model.score([unit], [withoutFeatures(unit)]);
  return scale;
}
