import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { poster } from '#src/media/poster.js';
import { probe } from '#src/media/probe.js';
import { readClips } from '#src/media/read-clips.js';
import { sheet, sheetFrames, tileSize } from '#src/media/sheet.js';
import { clipWindows } from '#src/media/windows.js';
import { all } from './all.js';
import { ffmpeg, greyVideo, testFolder } from './grey-video.js';

const pixel = async (picture: Buffer, left: number, top: number) => [
  ...(await sharp(picture).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw().toBuffer()),
];

test.each([
  ['1280x720', 640, 360],
  ['100x60', 100, 60],
])('the poster of %s is %d px wide and shows its frame', async (size, width, height) => {
  const path = greyVideo(join(testFolder(), 'a.mp4'), { frames: 50, level: '4*N', size });
  const picture = await poster(path, await probe(path), 30);
  expect(await sharp(picture).metadata()).toMatchObject({ format: 'webp', width, height });
  const [red = 0] = await pixel(picture, 10, 10);
  expect(Math.abs(red - 120)).toBeLessThanOrEqual(2);
});

test.each(['bt709', 'smpte170m'])(
  'posters and tiles honour the tag %s, the model’s frames are BT.601',
  async (matrix) => {
    const path = join(testFolder(), 'a.mp4');
    const colour = `color=0x20C040:s=64x64:d=1,format=gbrp,scale=out_color_matrix=${matrix === 'bt709' ? 'bt709' : 'bt601'},format=yuv444p`;
    ffmpeg('-f', 'lavfi', '-i', colour, '-c:v', 'libx264', '-qp', '0', '-colorspace', matrix, path);
    const probed = await probe(path);
    const near = (seen: number[]) =>
      [0x20, 0xc0, 0x40].every((value, k) => Math.abs(value - (seen[k] as number)) <= 4);
    expect(near(await pixel(await poster(path, probed, 0), 30, 30))).toBe(true);
    const [clip] = await all(
      readClips(path, probed, clipWindows(probed.duration), {
        frames: 1,
        sampling: 'UNIFORM',
        resize: 32,
        crop: 32,
      }),
    );
    const first = (pixels: Uint8Array | undefined) => [...(pixels?.subarray(0, 3) ?? [])];
    expect(near(first(clip?.tiles[0]))).toBe(true);
    expect(near(first(clip?.frames))).toBe(matrix !== 'bt709');
  },
);

test('HDR is tone-mapped: diffuse white becomes white, not grey', async () => {
  const path = join(testFolder(), 'a.mkv');
  // PQ code 0.58 is about 200 cd/m², diffuse white; untouched it would be 58 % grey.
  const white = 'color=black:s=64x64:d=0.2,format=gray10le,geq=lum=64+0.58*876,format=yuv420p10le';
  const tags = [
    '-color_primaries',
    'bt2020',
    '-color_trc',
    'smpte2084',
    '-colorspace',
    'bt2020nc',
    '-color_range',
    'tv',
  ];
  ffmpeg('-f', 'lavfi', '-i', white, '-c:v', 'ffv1', ...tags, path);
  const [red = 0, green, blue] = await pixel(await poster(path, await probe(path), 0), 30, 30);
  expect(red).toBeGreaterThan(170);
  expect([green, blue]).toEqual([red, red]);
});

test('tiles are 160 px wide, narrower where that would be too tall', () => {
  expect(tileSize({ width: 1920, height: 1080 })).toEqual({ width: 160, height: 90 });
  expect(tileSize({ width: 1080, height: 1920 })).toEqual({ width: 160, height: 284 });
  expect(tileSize({ width: 100, height: 1000 })).toEqual({ width: 28, height: 284 });
  expect(tileSize({ width: 1000, height: 100 })).toEqual({ width: 160, height: 16 });
});

test('a contact sheet shows its tiles in rows of 8', async () => {
  const tile = { width: 16, height: 10 };
  const tiles = Array.from({ length: 32 }, (_, k) => new Uint8Array(16 * 10 * 3).fill(k * 8));
  const picture = await sheet(tiles, tile);
  expect(await sharp(picture).metadata()).toMatchObject({ format: 'webp', width: 128, height: 40 });
  for (const k of [0, 7, 8, 31]) {
    const [red = 0] = await pixel(picture, (k % 8) * 16 + 8, Math.floor(k / 8) * 10 + 5);
    expect(Math.abs(red - k * 8)).toBeLessThanOrEqual(3);
  }
  expect(await sharp(await sheet(tiles.slice(0, 3), tile)).metadata()).toMatchObject({
    width: 48,
    height: 10,
  });
});

test('the sheet of one clip shows all its frames, of several 32 spread evenly', () => {
  expect(sheetFrames(1, 8)).toEqual(Array.from({ length: 8 }, (_, i) => ({ index: 0, i })));
  expect(sheetFrames(3, 8)).toHaveLength(24);
  const shown = sheetFrames(5, 32).map(({ index, i }) => index * 32 + i);
  expect(shown).toHaveLength(32);
  expect(new Set(shown.slice(1).map((at, k) => at - (shown[k] as number)))).toEqual(new Set([5]));
  expect(shown[0]).toBe(2); // as far from the start as the last is from the end
  expect(shown.at(-1)).toBe(157);
});
