import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Makes an H.264 file with ffmpeg's test picture; another `hue` gives other bytes. */
export async function makeVideo(path: string, seconds: number, hue = 0): Promise<string> {
  const picture = `testsrc2=duration=${seconds}:size=160x120:rate=10,hue=h=${hue}`;
  await run('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    picture,
    '-pix_fmt',
    'yuv420p',
    '-movflags',
    '+faststart',
    '-y',
    path,
  ]);
  return path;
}
