import { ClipqlError } from '../errors.ts';
import type { Clip, Warning } from '../store/types.ts';
import { type Frame, ffmpegFrames } from './ffmpeg-frames.ts';
import { type FilledClip, fillClips } from './fill-clips.ts';
import { retime, selectAfter, selectGrid } from './filters.ts';
import { packedFrames } from './packed-frames.ts';
import type { Probe } from './probe.ts';
import { TIME_SLACK } from './windows.ts';

/** How a model wants its clips: frames a clip, and pixels of the resized shortest edge and of the centre crop. */
export interface ClipShape {
  frames: number;
  resize: number;
  crop: number;
}

/** A clip's sampled frames: for the model and, as uncropped pictures of `tileSize(probe)`, for the contact sheet. */
export interface ReadClip extends FilledClip {
  /** What came to light so far and was not said before (nor by the probe), each code once a video. */
  warnings: Warning[];
}

const DAMAGED = { code: 'DAMAGED', message: 'Some of the video is damaged; what can be read is used.' };

/**
 * Reads clips of a video (of `clipWindows(probe.duration)`, ascending) in one pass over the file. Waits while the
 * consumer does. Leaving the loop or aborting kills ffmpeg. In a damaged file too, every instant gets the first frame
 * at or after it that can be decoded, else the last. Throws `NOT_A_VIDEO` when there is none, `MEDIA_TIMEOUT`, or the
 * signal's reason.
 */
export async function* readClips(
  path: string,
  probe: Probe,
  clips: Clip[],
  shape: ClipShape,
  signal?: AbortSignal,
): AsyncGenerator<ReadClip> {
  const [first, final] = [clips[0], clips.at(-1)];
  if (!first || !final) return;
  const packed = await packedFrames(probe, shape);
  const warnings = new Map<string, Warning>();
  let unsaid: Warning[] = [];
  const warn = (warning: Warning) => {
    if (!warnings.has(warning.code)) unsaid.push(warning);
    warnings.set(warning.code, warning);
  };
  for (const warning of probe.warnings) warnings.set(warning.code, warning);

  const decode = async function* (select: string): AsyncGenerator<Frame> {
    const filters = [...retime(probe), select, packed.filter];
    const source = { path, stream: probe.stream, filters, size: packed.size, onDamage: () => warn(DAMAGED) };
    for await (const { time, pixels } of ffmpegFrames(source, signal))
      yield { time: time - probe.startTime, pixels };
  };
  const filling = fillClips(clips, shape.frames, packed.unpack);
  // A clip is handed out when the next one is complete or the file has ended, so that the last one carries all warnings.
  let complete: FilledClip | undefined;
  const handOut = (clip: FilledClip): ReadClip => {
    const handed = { ...clip, warnings: unsaid };
    unsaid = [];
    return handed;
  };

  let last: Frame | undefined;
  for await (const frame of decode(selectGrid(probe, (first.end - first.start) / shape.frames))) {
    last = frame;
    for (const clip of filling.add(frame, false)) {
      if (complete) yield handOut(complete);
      complete = clip;
    }
    if (filling.done() && final.end < probe.duration - TIME_SLACK) break;
  }
  if (!filling.done()) {
    const promised = probe.times.at(-1) as number;
    if (!last || last.time < promised - TIME_SLACK) {
      // The end could not be decoded, so the grid did not let the last frame through that could: look for it.
      for await (const frame of decode(selectAfter(probe, last?.time ?? Number.MIN_SAFE_INTEGER)))
        last = frame;
    }
    if (!last) throw new ClipqlError('NOT_A_VIDEO', 'No frame of the video can be decoded.');
    // Within two frames of the end nothing is missing: a packet may hold half a frame (interlaced video).
    if (last.time < promised - 2 * (probe.duration - promised)) {
      warn({
        code: 'TRUNCATED',
        message: `The video cannot be read beyond ${last.time.toFixed(1)} s; its last frame stands for the rest.`,
      });
    }
    for (const clip of filling.add(last, true)) {
      if (complete) yield handOut(complete);
      complete = clip;
    }
  }
  if (complete) yield handOut(complete);
}
