import { canToneMap } from './ffmpeg.ts';
import type { Probe } from './probe.ts';
import type { Size } from './sheet.ts';
import { TIME_SLACK } from './windows.ts';

const BILINEAR = 'flags=bilinear+accurate_rnd+full_chroma_int+full_chroma_inp';

/** `t` of ffmpeg's expressions as seconds after the first frame: the input keeps the file's own times (`-copyts`). */
function sinceStart(probe: Probe): string {
  return `(t-${probe.startTime})`;
}

/** Numbers the frames of a file without presentation times, as the probe did; nothing for others. */
export function retime(probe: Probe): string[] {
  return probe.timedBy === null ? [] : [`setpts=N/${probe.timedBy}/TB`];
}

/** Lets through the frames at or after `time`, in seconds after the first. */
export function selectFrom(probe: Probe, time: number): string {
  return `select='gte(${sinceStart(probe)}+${TIME_SLACK},${time})'`;
}

/** Lets through the frames after `time`. */
export function selectAfter(probe: Probe, time: number): string {
  return `select='gt(${sinceStart(probe)},${time}+${TIME_SLACK})'`;
}

/**
 * Model input as the reference makes it: RGB by BT.601 whatever the tags say, the shortest edge to `resize` by an
 * antialiased bilinear filter, the centre `crop` × `crop`. Explicit sizes: `-2` rounds otherwise, and a change of
 * resolution in mid-stream must not change the output.
 */
export function modelFrame(
  { width, height }: Size,
  { resize, crop }: { resize: number; crop: number },
): string {
  const longer = Math.floor((resize * Math.max(width, height)) / Math.min(width, height));
  const [w, h] = width < height ? [resize, longer] : [longer, resize];
  const [x, y] = [(w - crop) >> 1, (h - crop) >> 1];
  return `scale=in_color_matrix=bt601:flags=bilinear,format=rgb24,scale=${w}:${h}:${BILINEAR},crop=${crop}:${crop}:${x}:${y}`;
}

/** A picture to look at: RGB by the file's colour tags, HDR tone-mapped where this ffmpeg can. */
export async function picture(probe: Probe, { width, height }: Size): Promise<string> {
  const scale = `scale=${width}:${height}:flags=bicubic+accurate_rnd+full_chroma_int`;
  const toneMap =
    probe.hdr && (await canToneMap())
      ? [
          'format=yuv444p10le',
          // Whatever else the file says, or leaves out: these belong together.
          `setparams=color_primaries=bt2020:color_trc=${probe.hdr}:colorspace=bt2020nc`,
          'zscale=t=linear:npl=100,format=gbrpf32le',
          'zscale=p=bt709,tonemap=hable:desat=0',
          'zscale=t=bt709:m=bt709:r=tv,format=yuv444p',
          'scale=in_color_matrix=bt709',
        ]
      : [];
  return [scale, ...toneMap, 'format=rgb24'].join(',');
}
