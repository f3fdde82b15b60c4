import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const SIZES = ['160x120', '320x240', '640x360', '1280x720'];
const CODECS = [
  ['mp4', 'libx264'],
  ['mkv', 'libx264'],
  ['webm', 'libvpx'],
  ['avi', 'mpeg4'],
  ['mov', 'mjpeg'],
];

/** Makes `count` small videos in a folder, each of its own bytes, of several lengths, sizes, codecs and containers. */
export async function makeFiles(folder, count) {
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const [extension, codec] = CODECS[i % CODECS.length];
    const picture = `testsrc2=duration=${2 + (i % 7) * 3}:size=${SIZES[i % SIZES.length]}:rate=10,hue=h=${i}`;
    const path = join(folder, `${i}`.padStart(4, '0') + `.${extension}`);
    await run('ffmpeg', [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      picture,
      '-c:v',
      codec,
      '-pix_fmt',
      codec === 'mjpeg' ? 'yuvj420p' : 'yuv420p',
      '-y',
      path,
    ]);
  }
}
