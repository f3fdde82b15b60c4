import { ClipqlError } from '../errors.ts';
import type { Clip, Segmentation } from '../store/types.ts';

/** How a model's T frames are taken from a clip. */
export type Sampling = 'UNIFORM' | 'WINDOW';

/** How a video is cut when nothing else is asked for. */
export const DEFAULT_SEGMENTATION: Segmentation = { clipSeconds: 10, overlap: 0, scenes: false };

/** Of `WINDOW`: the T frames span this many times as many. */
const WINDOW_RATE = 4;

/** A scene shorter than this share of a clip is none of its own. */
const SHORTEST_SCENE = 1 / 4;

/** A day by default is 8,640. Each is kept with its embedding and its patch features. */
const MAX_CLIPS = 50_000;

/**
 * Slack in seconds when a presentation time is compared with a sampling instant, so that a frame exactly at the
 * instant counts in spite of rounding: far above the rounding of a double at ten hours (1e-11), far below any frame.
 */
export const TIME_SLACK = 1e-9;

/** Seconds without the noise of their arithmetic: 13.013, not 13.013000000000002. Within `TIME_SLACK`. */
export const wholeNanoseconds = (seconds: number): number => Math.round(seconds * 1e9) / 1e9;

/**
 * The clips of a video, ascending: windows of one length, as near to `clipSeconds` as lets them cover it exactly, each
 * sharing `overlap` of its length with the next. Two or more are 0.75 to 1.25 `clipSeconds` long, a single one less
 * than 1.5. With `scenes`, each scene is cut as if it were a video; one shorter than a quarter of a clip belongs to
 * the next, the last one to the one before.
 * @param duration seconds, > 0
 * @param cuts seconds at which a new scene begins, ascending
 * Throws `MEDIA_LIMIT` for more than 50,000 clips.
 */
export function clipWindows(
  duration: number,
  { clipSeconds, overlap, scenes }: Segmentation = DEFAULT_SEGMENTATION,
  cuts: number[] | null = null,
): Clip[] {
  const bounds = scenes ? sceneBounds(duration, clipSeconds * SHORTEST_SCENE, cuts ?? []) : [0, duration];
  const clips: Clip[] = [];
  bounds.slice(1).forEach((end, scene) => {
    const start = bounds[scene] as number;
    const length = end - start;
    // Half way between two counts the noise would decide.
    const clipLengths = wholeNanoseconds(length) / clipSeconds;
    const count = Math.max(1, Math.round((clipLengths - overlap) / (1 - overlap)));
    if (clips.length + count > MAX_CLIPS) throw tooManyClips();
    const step = 1 - overlap;
    const all = 1 + (count - 1) * step;
    for (let k = 0; k < count; k++) {
      clips.push({
        index: clips.length,
        start: wholeNanoseconds(start + ((k * step) / all) * length),
        end: wholeNanoseconds(start + ((k * step + 1) / all) * length),
      });
    }
  });
  return clips;
}

/** Where scenes begin and the last one ends, none of them shorter than `shortest` unless the video is. */
function sceneBounds(duration: number, shortest: number, cuts: number[]): number[] {
  const bounds = [0];
  for (const cut of cuts) if (cut - (bounds.at(-1) as number) >= shortest) bounds.push(cut);
  while (bounds.length > 1 && duration - (bounds.at(-1) as number) < shortest) bounds.pop();
  return [...bounds, duration];
}

function tooManyClips(): ClipqlError {
  return new ClipqlError(
    'MEDIA_LIMIT',
    `The video would have more than ${MAX_CLIPS} clips. Choose longer clips or less overlap.`,
  );
}

/**
 * The T instants at which a clip is sampled, ascending, in seconds after the video's first frame: at each the first frame
 * at or after it is taken.
 * `UNIFORM`: the middles of T equal parts of the clip. `WINDOW`: the times of T frames spread over the 4 · T consecutive
 * ones in the middle of the clip, or over all if it has fewer.
 * @param times of all frames, seconds after the first, ascending
 */
export function samplingInstants(
  times: Float64Array,
  clip: Clip,
  T: number,
  sampling: Sampling,
): Float64Array {
  const { start, end } = clip;
  if (sampling === 'UNIFORM')
    return Float64Array.from({ length: T }, (_, i) => start + ((i + 0.5) * (end - start)) / T);
  return Float64Array.from(middleFrames(times, clip, T), (frame) => times[frame] as number);
}

/**
 * Which frames a clip is sampled at: for each of T instants the index of the first time at or after it, else the last.
 * `times` as above, at least one.
 */
export function sampleFrames(times: Float64Array, clip: Clip, T: number, sampling: Sampling): Int32Array {
  const instants = samplingInstants(times, clip, T, sampling);
  return Int32Array.from(instants, (instant) => firstAtOrAfter(times, instant));
}

/**
 * `np.linspace(from, to, T)`, clipped to the frames before `to` and cut to whole numbers: as the example of X-CLIP's
 * documentation samples (https://huggingface.co/docs/transformers/model_doc/xclip).
 */
function middleFrames(times: Float64Array, { start, end }: Clip, T: number): number[] {
  const first = firstAtOrAfter(times, start);
  // In a clip within a long gap there is no frame: the one after it stands for it.
  const frames = Math.max(1, lastBefore(times, end) + 1 - first);
  const window = Math.min(WINDOW_RATE * T, frames);
  const from = first + ((frames - window) >> 1);
  return Array.from({ length: T }, (_, i) =>
    Math.trunc(Math.min(from + (T > 1 ? (i * window) / (T - 1) : 0), from + window - 1)),
  );
}

/** The index of the last time before `instant`; -1: none. */
function lastBefore(times: Float64Array, instant: number): number {
  const next = firstAtOrAfter(times, instant);
  return (times[next] as number) >= instant - TIME_SLACK ? next - 1 : next;
}

/** The index of the first time at or after `instant`, else the last; by binary search. `times` as above, at least one. */
export function firstAtOrAfter(times: Float64Array, instant: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) >= instant - TIME_SLACK) high = middle;
    else low = middle + 1;
  }
  return low;
}
