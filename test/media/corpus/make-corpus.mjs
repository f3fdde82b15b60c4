import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseFiles } from './base-files.mjs';
import {
  flips,
  gifOfSize,
  lies,
  mp4OfSize,
  NAMES,
  OTHER_CONTENT,
  randomFrom,
  truncations,
} from './mutations.mjs';

/** Files that are cut off at many points and whose bits are flipped. */
const MUTATED = [
  'faststart.mp4',
  'fragmented.mp4',
  'motion-jpeg.mov',
  'h264.mkv',
  'vp8.webm',
  'mpeg4.avi',
  'stream.ts',
  'program.mpg',
  'flash.flv',
  'windows.wmv',
  'theora.ogv',
  'animated.gif',
];

/**
 * Writes good, odd and hostile files into a folder, the same ones for the same seed. Of each: what it is called, its
 * path, its kind, and the outcome when that is certain, `VIDEO` or an error code, else null.
 */
export async function makeCorpus(folder, seed) {
  const random = randomFrom(seed);
  const [base, mutated, named] = ['base', 'mutated', 'named'].map((name) => join(folder, name));
  for (const path of [base, mutated, named]) await mkdir(path, { recursive: true });
  const cases = (await baseFiles(base)).map((file) => ({ ...file, kind: 'as written' }));
  const bytesOf = (name) => readFile(join(base, name));
  const add = async (kind, name, bytes, outcome = null) => {
    const path = join(mutated, name);
    await writeFile(path, bytes);
    cases.push({ name, path, kind, outcome });
  };

  for (const name of MUTATED) {
    const bytes = await bytesOf(name);
    for (const cut of truncations(bytes)) await add('cut off', `${cut.how}-${name}`, cut.bytes);
    for (const flip of flips(bytes, random)) await add('bits flipped', `${flip.how}-${name}`, flip.bytes);
  }
  for (const name of ['faststart.mp4', 'index-last.mp4']) {
    for (const lie of lies(await bytesOf(name), random))
      await add('header lies', `${lie.how}-${name}`, lie.bytes);
  }
  const [mp4, gif] = [await bytesOf('faststart.mp4'), await bytesOf('animated.gif')];
  for (const [width, height] of [
    [65535, 65535],
    [30000, 30000],
    [16000, 16],
    [0, 0],
    [6000, 6000],
  ]) {
    await add('huge', `${width}x${height}.mp4`, mp4OfSize(mp4, width, height));
    await add('huge', `${width}x${height}.gif`, gifOfSize(gif, width, height));
  }
  for (const [name, content] of Object.entries(OTHER_CONTENT))
    await add('no video', name, content, 'NOT_A_VIDEO');
  for (const name of NAMES) {
    const path = join(named, name);
    await copyFile(join(base, 'faststart.mp4'), path);
    cases.push({ name, path, kind: 'odd name', outcome: 'VIDEO' });
  }
  return cases;
}
