import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder that lasts as long as the test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clipql-media-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function ffmpeg(...args: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args]);
}

/** H.264 with B-frames, without loss. */
export const H264 = ['-c:v', 'libx264', '-qp', '0', '-bf', '2', '-g', '12', '-pix_fmt', 'yuvj420p'];

/**
 * Makes a video whose frame N is all of the grey level N, so that its pictures say which frame they are.
 * @param pts presentation time of frame N in milliseconds, as an ffmpeg expression
 */
export function greyVideo(
  path: string,
  {
    frames,
    pts = '40*N',
    level = 'N',
    size = '64x64',
    output = H264,
  }: { frames: number; pts?: string; level?: string; size?: string; output?: string[] },
): string {
  const source = `color=black:s=${size}:r=25:d=${frames / 25},format=gray,geq=lum='${level}'`;
  const timed = `${source},settb=1/1000,setpts='${pts}'`;
  ffmpeg('-f', 'lavfi', '-i', timed, '-fps_mode', 'passthrough', '-enc_time_base', '1:1000', ...output, path);
  return path;
}
