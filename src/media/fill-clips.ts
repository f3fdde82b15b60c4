import type { Clip } from '../store/types.ts';
import type { Frame } from './ffmpeg-frames.ts';
import { TIME_SLACK } from './windows.ts';

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
 * @param instants of each clip, ascending; the first ones too from clip to clip
 */
export function fillClips(
  clips: Clip[],
  instants: Float64Array[],
  unpack: (pixels: Uint8Array) => { frame: Uint8Array; tile: Uint8Array },
) {
  /** Clips that have some of their frames, or all and wait for one before. */
  const begun: (FilledClip & { instants: Float64Array })[] = [];
  let next = 0;
  return {
    /** Every instant has its frame. */
    done: () => next === clips.length && begun.length === 0,
    /** Yields the clips that `frame` (its time in seconds after the first) completes. `last`: it serves all instants left. */
    *add(frame: Frame, last: boolean): Generator<FilledClip> {
      let unpacked: { frame: Uint8Array; tile: Uint8Array } | undefined;
      const serves = (instant: number | undefined) =>
        instant !== undefined && (last || frame.time >= instant - TIME_SLACK);
      for (;;) {
        for (const { frames, tiles, instants } of begun) {
          while (serves(instants[tiles.length])) {
            unpacked ??= unpack(frame.pixels);
            frames.set(unpacked.frame, tiles.length * unpacked.frame.length);
            tiles.push(unpacked.tile);
          }
        }
        while (begun[0] && begun[0].tiles.length === begun[0].instants.length) {
          const { instants: _, ...filled } = begun.shift() as (typeof begun)[0];
          yield filled;
        }
        // One at a time: at the end of a file one frame may serve thousands.
        const [clip, of] = [clips[next], instants[next]];
        if (!clip || !of || !serves(of[0])) return;
        unpacked ??= unpack(frame.pixels);
        begun.push({
          clip,
          frames: new Uint8Array(of.length * unpacked.frame.length),
          tiles: [],
          instants: of,
        });
        next++;
      }
    },
  };
}
