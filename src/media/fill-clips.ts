import type { Clip } from '../store/types.ts';
import type { Frame } from './ffmpeg-frames.ts';
import { samplingInstants, TIME_SLACK } from './windows.ts';

/** A clip all of whose T frames are there. */
export interface FilledClip {
  clip: Clip;
  /** uint8 RGB [T, S, S, 3]. */
  frames: Uint8Array;
  /** T pictures. */
  tiles: Uint8Array[];
}

/**
 * Gives the frames of a video, in the order of their times, to the sampling instants of its clips: to each the first
 * frame at or after it. One frame may serve many instants, even of several clips.
 */
export function fillClips(
  clips: Clip[],
  T: number,
  unpack: (pixels: Uint8Array) => { frame: Uint8Array; tile: Uint8Array },
) {
  let index = 0;
  let instants: Float64Array = new Float64Array();
  let filled: FilledClip | undefined;
  return {
    /** Every instant has its frame. */
    done: () => index === clips.length,
    /** Yields the clips that `frame` (its time in seconds after the first) completes. `last`: it serves all instants left. */
    *add(frame: Frame, last: boolean): Generator<FilledClip> {
      let unpacked: { frame: Uint8Array; tile: Uint8Array } | undefined;
      while (index < clips.length) {
        const clip = clips[index] as Clip;
        if (!filled) {
          instants = samplingInstants(clip, T);
          filled = { clip, frames: new Uint8Array(), tiles: [] };
        }
        const i = filled.tiles.length;
        if (!last && frame.time < (instants[i] as number) - TIME_SLACK) return;
        unpacked ??= unpack(frame.pixels);
        if (i === 0) filled.frames = new Uint8Array(T * unpacked.frame.length);
        filled.frames.set(unpacked.frame, i * unpacked.frame.length);
        filled.tiles.push(unpacked.tile);
        if (i + 1 < T) continue;
        index++;
        yield filled;
        filled = undefined;
      }
    },
  };
}
