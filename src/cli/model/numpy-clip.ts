import { readFile } from 'node:fs/promises';
import { ffmpegPaths } from '../../media/ffmpeg.ts';
import { modelFrame } from '../../media/filters.ts';
import { runTool } from '../../media/run-tool.ts';
import type { XClip } from '../../xclip/xclip.ts';

/**
 * The clip that the frames of a NumPy file are: uint8 [frames, height, width, 3], one for each that the model takes
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 * @returns uint8 RGB [T, S, S, 3]
 * @throws Error when it holds something else
 */
export async function numPyClip(
  path: string,
  { frames, framing }: Pick<XClip, 'frames' | 'framing'>,
): Promise<Uint8Array> {
  const bytes = await readFile(path);
  // Version 1 has a length of two bytes, later ones of four.
  const start = (bytes[6] ?? 0) > 1 ? 12 + bytes.readUInt32LE(8) : 10 + bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, start);
  const [, count, height, width] = (/'shape': \((\d+), (\d+), (\d+), 3\)/.exec(header) ?? []).map(Number);
  const isRaw = header.includes("'|u1'") && header.includes("'fortran_order': False");
  const size = frames * framing.crop ** 2 * 3;
  if (isRaw && count === frames && height && width) {
    const input = ['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${width}x${height}`];
    const skip = ['-skip_initial_bytes', `${start}`];
    const filter = modelFrame({ width, height }, framing);
    const output = ['-vf', filter, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
    const args = ['-v', 'error', '-nostdin', ...input, ...skip, '-i', `file:${path}`, ...output];
    const clip = await runTool(ffmpegPaths().ffmpeg, args, { seconds: 60, maxOutput: size });
    if (clip.output.length === size) return clip.output;
  }
  throw new Error(`${path} does not hold uint8 frames [${frames}, height, width, 3].`);
}
