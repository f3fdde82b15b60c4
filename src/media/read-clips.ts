import { ClipqlError } from '../errors.ts';
import type { Clip, Warning } from '../store/types.ts';
import { type Frame, ffmpegFrames } from './ffmpeg-frames.ts';
import { type FilledClip, fillClips } from './fill-clips.ts';
import { retime, selectAfter } from './filters.ts';
import { packedFrames } from './packed-frames.ts';
import type { Probe } from './probe.ts';
import { selectInstants } from './select-instants.ts';
import { type Sampling, samplingInstants, TIME_SLACK } from './windows.ts';

/** How a model wants its clips: frames a clip, how they are chosen, pixels of the resized shortest edge and the centre crop. */
export interface ClipShape {
  frames: number;
  sampling: Sampling;
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
 * Reads clips of a video, by `clipWindows`, in one pass over the file. Waits while the consumer does. Leaving the loop or
 * aborting kills ffmpeg. In a damaged file too, every instant gets the first frame at or after it that can be decoded,
 * else the last. Throws `NOT_A_VIDEO` when there is none, `MEDIA_TIMEOUT`, `MEDIA_LIMIT`, or the signal's reason.
 */
export async function* readClips(
  path: string,
  probe: Probe,
  clips: Clip[],
  shape: ClipShape,
  signal?: AbortSignal,
): AsyncGenerator<ReadClip> {
  const final = clips.at(-1);
  if (!final) return;
  const instants = clips.map((clip) => samplingInstants(probe.times, clip, shape.frames, shape.sampling));
  const packed = await packedFrames(probe, shape);
  const warnings = new Map<string, Warning>();
  let unsaid: Warning[] = [];
  const warn = (warning: Warning) => {
    if (!warnings.has(warning.code)) unsaid.push(warning);
    warnings.set(warning.code, warning);
  };
  for (const warning of probe.warnings) warnings.set(warning.code, warning);

  const decode = async function* (select: string, gap: number): AsyncGenerator<Frame> {
    const filters = [...retime(probe), select, packed.filter];
    const onDamage = () => warn(DAMAGED);
    const { size } = packed;
    const source = { path, stream: probe.stream, filters, size, length: probe.duration, gap, onDamage };
    for await (const { time, pixels } of ffmpegFrames(source, signal))
      yield { time: time - probe.startTime, pixels };
  };
  const filling = fillClips(clips, instants, packed.unpack);
  // A clip is handed out when the next one is complete or the file has ended, so that the last one carries all warnings.
  let complete: FilledClip | undefined;
  const handOut = (clip: FilledClip): ReadClip => {
    const handed = { ...clip, warnings: unsaid };
    unsaid = [];
    return handed;
  };

  let last: Frame | undefined;
  const select = selectInstants(probe, instants);
  for await (const frame of decode(select, longestGap(instants, probe.duration))) {
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
      const select = selectAfter(probe, last?.time ?? Number.MIN_SAFE_INTEGER);
      for await (const frame of decode(select, probe.duration)) last = frame;
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

/** The longest time in seconds without an instant, from the start of the video to its end. */
function longestGap(instants: Float64Array[], duration: number): number {
  const all = new Float64Array(instants.reduce((count, of) => count + of.length, 1));
  let at = 0;
  for (const of of instants) {
    all.set(of, at);
    at += of.length;
  }
  all[at] = duration;
  return all.sort().reduce((gap, instant, i) => Math.max(gap, instant - (all[i - 1] ?? 0)), 0);
}
