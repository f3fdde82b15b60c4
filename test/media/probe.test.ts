import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { probe } from '#src/media/probe.js';
import { ffmpeg, greyVideo, H264, testFolder } from './grey-video.js';

test.each([
  ['a.mp4', H264],
  ['a.mov', H264],
  ['a.mkv', H264],
  ['a.webm', ['-c:v', 'libvpx', '-b:v', '1M']],
  ['a.avi', ['-c:v', 'mjpeg', '-enc_time_base', '1:25']],
  ['a.ts', H264],
  ['a.mpg', ['-c:v', 'mpeg2video', '-enc_time_base', '1:25', '-pix_fmt', 'yuv420p']],
  ['a.flv', H264],
  ['a.wmv', ['-c:v', 'wmv2', '-pix_fmt', 'yuv420p', '-enc_time_base', '1:25']],
  ['a.gif', []],
])('%s: size and duration', async (name, output) => {
  const path = greyVideo(join(testFolder(), name), { frames: 50, size: '96x64', output });
  const probed = await probe(path);
  expect(probed).toMatchObject({ width: 96, height: 64, warnings: [] });
  expect(probed.duration).toBeCloseTo(2, 2);
  expect(probed.times).toHaveLength(50);
});

test('frames that are not shown do not count', async () => {
  const folder = testFolder();
  const whole = greyVideo(join(folder, 'whole.mp4'), { frames: 100 });
  const path = join(folder, 'from-1.2s.mp4');
  ffmpeg('-ss', '1.2', '-i', whole, '-c', 'copy', path); // begins at a key frame before, hidden by an edit list
  const flags = execFileSync('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'packet=flags',
    '-of',
    'csv=p=0',
    path,
  ]);
  const hidden = flags
    .toString()
    .trim()
    .split('\n')
    .filter((line) => line.includes('D')).length;
  expect(hidden).toBeGreaterThan(0);
  const probed = await probe(path);
  expect(probed.times).toHaveLength(flags.toString().trim().split('\n').length - hidden);
  expect(probed.duration).toBeCloseTo(2.8, 3);
});

test('a header that lies about the duration is not believed', async () => {
  const path = greyVideo(join(testFolder(), 'a.mp4'), { frames: 50 });
  const bytes = readFileSync(path);
  for (const box of ['mvhd', 'mdhd']) bytes.writeUInt32BE(0x7fffffff, bytes.indexOf(box) + 20);
  writeFileSync(path, bytes);
  expect((await probe(path)).duration).toBeCloseTo(2, 9);
});

test('the larger of two videos is taken, never the cover', async () => {
  const folder = testFolder();
  const [small, large] = [join(folder, 'small.mp4'), join(folder, 'large.mp4')];
  greyVideo(small, { frames: 10 });
  greyVideo(large, { frames: 20, size: '128x96' });
  const both = join(folder, 'both.mkv');
  ffmpeg('-i', small, '-i', large, '-map', '0', '-map', '1', '-c', 'copy', both);
  expect(await probe(both)).toMatchObject({ stream: 1, width: 128, height: 96 });

  const cover = join(folder, 'cover.png');
  ffmpeg('-f', 'lavfi', '-i', 'color=red:s=640x640', '-frames:v', '1', cover);
  const covered = join(folder, 'covered.mp4');
  const streams = ['-map', '0', '-map', '1', '-c', 'copy', '-disposition:v:1', 'attached_pic'];
  ffmpeg('-i', small, '-i', cover, ...streams, covered);
  expect(await probe(covered)).toMatchObject({ stream: 0, width: 64, height: 64 });

  const music = join(folder, 'music.mp4');
  const sound = ['-f', 'lavfi', '-i', 'sine=d=1'];
  ffmpeg(
    ...sound,
    '-i',
    cover,
    '-map',
    '0',
    '-map',
    '1',
    '-c:v',
    'copy',
    '-disposition:v:0',
    'attached_pic',
    music,
  );
  await expect(probe(music)).rejects.toMatchObject({ code: 'NO_VIDEO_TRACK' });
  const silent = join(folder, 'sound.mp4');
  ffmpeg(...sound, silent);
  await expect(probe(silent)).rejects.toMatchObject({ code: 'NO_VIDEO_TRACK' });
});

test('HDR is noted', async () => {
  const tags = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
  const output = ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p10le', ...tags];
  const path = greyVideo(join(testFolder(), 'a.mp4'), { frames: 5, output });
  const probed = await probe(path);
  expect(probed.hdr).toBe('smpte2084');
  expect(probed.warnings.map(({ code }) => code)).toEqual(['HDR']);
});

test('what is not a video is refused', async () => {
  const folder = testFolder();
  const clip = greyVideo(join(folder, 'clip.ts'), { frames: 10 });
  const file = (name: string, content: string | Buffer) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const whole = readFileSync(greyVideo(join(folder, 'whole.mp4'), { frames: 10 }));
  const png = join(folder, 'image.png');
  ffmpeg('-f', 'lavfi', '-i', 'testsrc', '-frames:v', '1', png);
  const refused = [
    file('random.mp4', randomBytes(100_000)),
    file('no-index.mp4', whole.subarray(0, whole.indexOf('moov') - 4)),
    file('text.mp4', 'Not a video.'),
    file('missing/../gone.mp4', '').replace('gone', 'never-there'),
  ];
  for (const path of refused) await expect(probe(path), path).rejects.toMatchObject({ code: 'NOT_A_VIDEO' });
  for (const [path, said] of [
    [file('empty.mp4', ''), 'an empty file'],
    [file('image.mp4', readFileSync(png)), 'an image'],
    [file('photo.mp4', await sharp(png).jpeg().toBuffer()), 'an image'],
    [file('animation.mp4', await sharp(png).webp().toBuffer()), 'an image'],
    [file('modern.mp4', await sharp(png).avif().toBuffer()), 'an image'],
    [
      file('playlist.mp4', `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${clip}\n#EXT-X-ENDLIST\n`),
      'a playlist',
    ],
    [file('list.mp4', "ffconcat version 1.0\nfile 'clip.ts'\n"), 'a playlist'],
    [file('page.mp4', '<!DOCTYPE html>\n<title>Not found</title>'), 'a web page'],
    [file('archive.mp4', gzipSync('')), 'an archive'],
  ] as const) {
    await expect(probe(path), path).rejects.toMatchObject({
      code: 'NOT_A_VIDEO',
      message: expect.stringContaining(`This is ${said}`),
    });
  }
});

test.each([
  ['8000x6000', 'NOT_A_VIDEO', '36 million'], // the decoder already refuses it, and says no size
  ['1024x64', 'MEDIA_LIMIT', '1024×64'],
  ['32x8', 'MEDIA_LIMIT', '32×8'],
])('%s pixels are refused', async (size, code, said) => {
  const path = join(testFolder(), 'a.mkv');
  const output = ['-frames:v', '1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'];
  ffmpeg('-f', 'lavfi', '-i', `color=s=${size}`, ...output, path);
  await expect(probe(path)).rejects.toMatchObject({ code, message: expect.stringContaining(said) });
});

test('times that claim days are refused', async () => {
  const path = greyVideo(join(testFolder(), 'a.mkv'), { frames: 2, pts: '90000000*N' });
  await expect(probe(path)).rejects.toMatchObject({ code: 'MEDIA_LIMIT' });
});

test('an abort ends it', async () => {
  const path = greyVideo(join(testFolder(), 'a.mp4'), { frames: 2 });
  const reason = new Error('stop');
  const abort = new AbortController();
  const probing = probe(path, abort.signal);
  abort.abort(reason);
  await expect(probing).rejects.toBe(reason);
});
