import type { Clip, Warning } from '../store/types.ts';
import type { Probe } from './probe.ts';

/** How a model wants its clips: frames a clip, and pixels of the resized shortest edge and of the centre crop. */
export interface ClipShape {
  frames: number;
  resize: number;
  crop: number;
}

/** A clip's sampled frames. */
export interface ReadClip {
  clip: Clip;
  /** uint8 RGB [T, S, S, 3], scaled and cropped for the model. */
  frames: Uint8Array;
  /** T uncropped RGB pictures of `tileSize(probe)`, for the contact sheet. */
  tiles: Uint8Array[];
  /** What came to light while reading this clip, each code once a video; the last clip carries what the end showed. */
  warnings: Warning[];
}

/**
 * Reads clips of a video, ascending, in one pass over the file. Waits while the consumer does. Leaving the loop or
 * aborting kills ffmpeg. Throws `NOT_A_VIDEO` when nothing can be decoded, `MEDIA_TIMEOUT`, or the signal's reason.
 */
// biome-ignore lint/correctness/useYield: not built yet
export async function* readClips(
  _path: string,
  _probe: Probe,
  _clips: Clip[],
  _shape: ClipShape,
  _signal?: AbortSignal,
): AsyncGenerator<ReadClip> {
  throw new Error('Not built yet.');
}
