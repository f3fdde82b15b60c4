import { execFileSync } from 'node:child_process';

/** Makes a small H.264 file: a square of one colour that moves over a grey ground. */
export function makeClip(path: string, { seconds = 2, colour = 'red', rate = 12 } = {}): string {
  const ground = `color=gray:size=160x120:rate=${rate}:duration=${seconds}`;
  const square = `color=${colour}:size=40x40:rate=${rate}:duration=${seconds}`;
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', ground, '-f', 'lavfi', '-i', square],
    ...[
      '-filter_complex',
      "overlay=x='mod(t*40,120)':y=40",
      '-pix_fmt',
      'yuv420p',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
    ],
    ...['-movflags', '+faststart', path],
  ]);
  return path;
}
