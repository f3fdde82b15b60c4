import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canToneMap, ffmpegPaths, filterOption, useFfmpeg } from '#src/media/ffmpeg.js';
import { testFolder } from './grey-video.js';

function printing(banner: string): string {
  const path = join(testFolder(), 'ffmpeg');
  writeFileSync(path, `#!/bin/sh\necho '${banner}'\n`);
  chmodSync(path, 0o755);
  return path;
}

test('the tools of the PATH are used', async () => {
  await useFfmpeg({});
  expect(ffmpegPaths()).toEqual({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  expect(typeof (await canToneMap())).toBe('boolean');
});

test.each(['ffmpeg version 4.4.2-0ubuntu0', 'ffmpeg version 5.0.1', 'something else'])(
  '"%s" is too old',
  async (banner) => {
    await expect(useFfmpeg({ ffmpeg: printing(banner) })).rejects.toThrow(
      /too old.*5\.1.*apt-get install ffmpeg/,
    );
    expect(ffmpegPaths().ffmpeg).toBe('ffmpeg');
  },
);

test.each([
  'ffmpeg version 5.1',
  'ffmpeg version n7.1-12-gabc',
  'ffmpeg version N-119000-g1234',
  'ffmpeg version 10.0',
])('"%s" will do', async (banner) => {
  const path = printing(banner);
  await useFfmpeg({ ffmpeg: path });
  expect(ffmpegPaths().ffmpeg).toBe(path);
  await useFfmpeg({});
});

test('filters are handed over by the option that this version has', async () => {
  for (const [version, option] of [
    ['5.1.9', '-filter_script:v'],
    ['n7.0', '-/filter:v'],
    ['N-119000-g1234', '-/filter:v'],
  ]) {
    await useFfmpeg({ ffmpeg: printing(`ffmpeg version ${version}`) });
    expect(await filterOption()).toBe(option);
  }
  await useFfmpeg({});
});

test('a missing tool is an error that says how to install it', async () => {
  await expect(useFfmpeg({ ffprobe: '/nowhere/ffprobe' })).rejects.toThrow(
    /ffprobe could not be run.*apt-get install ffmpeg/,
  );
});
