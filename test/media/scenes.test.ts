import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ClipqlError } from '#src/errors.js';
import { probe } from '#src/media/probe.js';
import { findCuts } from '#src/media/scenes.js';
import { ffmpeg, testFolder } from './grey-video.js';

/** Scenes of a colour each, and an odd one with a moving pattern. */
function scenes(path: string, lengths: number[], ...output: string[]): string {
  const inputs = lengths.flatMap((length, k) => [
    ...['-f', 'lavfi', '-i'],
    k % 2
      ? `testsrc2=s=320x180:r=25:d=${length}`
      : `color=${['red', 'white', 'navy'][(k / 2) % 3]}:s=320x180:r=25:d=${length}`,
  ]);
  const pads = lengths.map((_, k) => `[${k}]`).join('');
  const joined = `${pads}concat=n=${lengths.length}`;
  ffmpeg(...inputs, '-filter_complex', joined, '-pix_fmt', 'yuv420p', ...output, path);
  return path;
}

test.each([
  ['a.mp4', []],
  ['late.ts', ['-output_ts_offset', '95001']],
])('%s: cuts are where the scenes were joined', async (name, output) => {
  const lengths = [2, 3.2, 1.48, 4, 0.8];
  const path = scenes(join(testFolder(), name), lengths, ...output);
  const probed = await probe(path);
  const shares: number[] = [];
  const cuts = await findCuts(path, probed, (share) => shares.push(share));
  const joins = lengths.slice(0, -1).map((_, k) => lengths.slice(0, k + 1).reduce((a, b) => a + b));
  expect(cuts).toHaveLength(joins.length);
  cuts.forEach((cut, k) => {
    expect(cut).toBeCloseTo(joins[k] as number, 4);
  });
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.at(-1)).toBeGreaterThan(0.99);
  expect(shares.at(-1)).toBeLessThanOrEqual(1);
});

test('they are those of ffmpeg’s own list', async () => {
  const path = join(testFolder(), 'noise.mkv');
  // Noise that jumps in strength gives scores of all sizes.
  const source = "color=gray:s=320x180:r=25:d=8,geq=lum='random(1)*255*mod(floor(N/5)*0.37,1)'";
  ffmpeg('-f', 'lavfi', '-i', source, '-c:v', 'ffv1', '-pix_fmt', 'yuv420p', path);
  const listed = execFileSync('ffprobe', [
    ...['-v', 'error', '-f', 'lavfi', '-of', 'csv=p=0', '-show_entries', 'frame=pts_time'],
    `movie=${path},scale=320:180,select=gt(scene\\,0.2)`,
  ]);
  const expected = listed.toString().trim().split('\n').map(Number.parseFloat);
  expect(expected.length).toBeGreaterThan(3);
  const cuts = await findCuts(path, await probe(path), () => {});
  expect(cuts).toEqual(expected);
});

test('a flicker is not a row of scenes, and an abort ends the search', async () => {
  const path = join(testFolder(), 'flicker.mkv');
  const source = "color=black:s=64x64:r=25:d=8,geq=lum='255*mod(N,2)':cb=128:cr=128";
  ffmpeg('-f', 'lavfi', '-i', source, '-c:v', 'ffv1', path);
  const probed = await probe(path);
  const cuts = await findCuts(path, probed, () => {});
  expect(cuts.every((cut, k) => cut - (cuts[k - 1] ?? 0) >= 0.125)).toBe(true);

  const abort = new AbortController();
  const reason = new ClipqlError('INTERNAL', 'stop');
  const looking = findCuts(path, probed, () => abort.abort(reason), abort.signal);
  await expect(looking).rejects.toBe(reason);
});
