import sharp from 'sharp';
import { ClipqlError } from '../errors.ts';
import { ffmpegPaths } from './ffmpeg.ts';
import { picture, retime, selectFrom } from './filters.ts';
import type { Probe } from './probe.ts';
import { patience, runTool } from './run-tool.ts';
import { inputUrl, UNTRUSTED_INPUT } from './untrusted-input.ts';

const MAX_WIDTH = 640;

/**
 * A still of frame `frame` (index into `probe.times`) as WebP: uncropped, 640 px wide or the video's width if less. Of a
 * damaged file it may be a later frame or the first. Throws `NOT_A_VIDEO` when nothing can be decoded, `MEDIA_TIMEOUT`.
 */
export async function poster(
  path: string,
  probe: Probe,
  frame: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  const width = Math.min(MAX_WIDTH, probe.width);
  const height = Math.max(1, Math.round((probe.height * width) / probe.width));
  const size = { width, height };
  const bytes = width * height * 3;
  const time = probe.times[frame] as number;
  for (const select of [selectFrom(probe, time), 'null']) {
    const { output } = await runTool(
      ffmpegPaths().ffmpeg,
      [
        ...['-v', 'quiet', '-nostdin', '-copyts', '-threads', '2', ...UNTRUSTED_INPUT, '-i', inputUrl(path)],
        ...['-map', `0:${probe.stream}`, '-an', '-sn', '-dn', '-fps_mode', 'passthrough'],
        ...['-vf', [...retime(probe), select, await picture(probe, size)].join(','), '-frames:v', '1'],
        ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'],
      ],
      { seconds: patience(time), maxOutput: bytes, signal },
    );
    if (output.length === bytes) {
      return sharp(output, { raw: { width, height, channels: 3 } })
        .webp({ quality: 80 })
        .toBuffer();
    }
  }
  throw new ClipqlError('NOT_A_VIDEO', 'No frame of the video can be decoded.');
}
