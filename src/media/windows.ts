import type { Clip } from '../store/types.ts';

const SECONDS_PER_CLIP = 10;

/**
 * Slack in seconds when a presentation time is compared with a sampling instant, so that a frame exactly at the
 * instant counts in spite of rounding: far above the rounding of a double at ten hours (1e-11), far below any frame.
 */
export const TIME_SLACK = 1e-9;

/** Seconds without the noise of their arithmetic: 13.013, not 13.013000000000002. Within `TIME_SLACK`. */
export const wholeNanoseconds = (seconds: number): number => Math.round(seconds * 1e9) / 1e9;

/** The clips of a video: `max(1, round(duration / 10 s))` equal windows that tile it. `duration` in seconds, > 0. */
export function clipWindows(duration: number): Clip[] {
  // Half way between two counts the noise would decide.
  const count = Math.max(1, Math.round(wholeNanoseconds(duration) / SECONDS_PER_CLIP));
  return Array.from({ length: count }, (_, index) => ({
    index,
    start: wholeNanoseconds((index / count) * duration),
    end: wholeNanoseconds(((index + 1) / count) * duration),
  }));
}

/** The T sampling instants of a clip: the middles of T equal intervals, in seconds after the first frame. */
export function samplingInstants(clip: Clip, T: number): Float64Array {
  return Float64Array.from({ length: T }, (_, i) => clip.start + ((i + 0.5) * (clip.end - clip.start)) / T);
}

/**
 * Which frames a clip is sampled at: for each of T instants the index of the first time at or after it, else the last.
 * `times`: seconds after the first frame, ascending, at least one.
 */
export function sampleFrames(times: Float64Array, clip: Clip, T: number): Int32Array {
  return Int32Array.from(samplingInstants(clip, T), (instant) => firstAtOrAfter(times, instant - TIME_SLACK));
}

/** Binary search: the index of the first time ≥ `instant`, or the last index. */
function firstAtOrAfter(times: Float64Array, instant: number): number {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) >= instant) high = middle;
    else low = middle + 1;
  }
  return low;
}
