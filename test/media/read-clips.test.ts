import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ClipqlError } from '#src/errors.js';
import { probe } from '#src/media/probe.js';
import { type ReadClip, readClips } from '#src/media/read-clips.js';
import { tileSize } from '#src/media/sheet.js';
import { clipWindows, type Sampling } from '#src/media/windows.js';
import type { Clip } from '#src/store/types.js';
import { all } from './all.js';
import { ffmpeg, greyVideo, H264, testFolder } from './grey-video.js';
import { sampledFrames } from './sampled-frames.js';

const S = 16;
const shape = (T: number) => ({ frames: T, sampling: 'UNIFORM' as const, resize: S, crop: S });

/** PNG frames: each stands for itself, so that single ones can be destroyed. */
const PNG = ['-c:v', 'png', '-pix_fmt', 'rgb24'];

/** The grey level in the middle of each of a clip's frames; the tile's middle must be the same. */
function levels({ frames, tiles }: ReadClip): number[] {
  return tiles.map((tile, i) => {
    const level = frames[((i * S + S / 2) * S + S / 2) * 3] as number;
    expect(Math.abs((tile[tile.length >> 1] as number) - level)).toBeLessThanOrEqual(1);
    return level;
  });
}

async function read(path: string, T: number, only?: number[]): Promise<ReadClip[]> {
  const probed = await probe(path);
  const clips = clipWindows(probed.duration).filter(({ index }) => only?.includes(index) ?? true);
  return all(readClips(path, probed, clips, shape(T)));
}

const range = (n: number) => Array.from({ length: n }, (_, k) => k);

test.each([
  ['constant frame rate, B-frames', 'a.mp4', '40*N', 150, H264],
  ['three clips of one frame a 120 ms', 'b.mp4', '120*N', 250, H264],
  ['slower than the sampling', 'c.mkv', '700*N', 40, H264],
  ['variable frame rate', 'd.mkv', '90*N+40*mod(N,3)+3000*gt(N,100)', 200, H264],
  ['an hour-long still between', 'e.mkv', '40*N+90000*gt(N,20)', 30, H264],
  ['fewer frames than are sampled', 'f.mp4', '40*N', 3, H264],
  ['frames exactly at the instants', 'g.mkv', '500*N', 100, H264],
])('%s: every instant gets its frame', async (_, name, pts, frames, output) => {
  const path = greyVideo(join(testFolder(), name), { frames, pts: pts.replaceAll(',', '\\,'), output });
  const times = range(frames).map((N) => evaluate(pts, N));
  for (const T of [8, 25]) {
    const clips = await read(path, T);
    expect(clips.map(levels)).toEqual(sampledFrames(times, T));
    expect(clips.flatMap(({ warnings }) => warnings)).toEqual([]);
  }
});

/** The instants of a clip, straight from the definitions, in whole milliseconds as far as times go. */
function instantsOf(times: number[], { start, end }: Clip, T: number, sampling: Sampling): number[] {
  if (sampling === 'UNIFORM')
    return range(T).map((i) => start * 1000 + ((i + 0.5) * (end - start) * 1000) / T);
  const inside = times.filter((time) => time >= start * 1000 - 1e-6 && time < end * 1000 - 1e-6);
  const frames =
    inside.length > 0 ? inside : [times.find((time) => time >= start * 1000 - 1e-6) ?? times.at(-1)];
  const window = Math.min(4 * T, frames.length);
  const from = Math.floor((frames.length - window) / 2);
  return range(T).map((i) => {
    const place = from + (T > 1 ? (i * window) / (T - 1) : 0);
    return frames[Math.floor(Math.min(place, from + window - 1))] as number;
  });
}

test.each([
  ['overlapping by half', { clipSeconds: 4, overlap: 0.5, scenes: false }, null],
  ['overlapping, each instant another', { clipSeconds: 3, overlap: 0.37, scenes: false }, null],
  ['ten over each other', { clipSeconds: 5, overlap: 0.9, scenes: false }, null],
  ['scenes', { clipSeconds: 2, overlap: 0, scenes: true }, [0.92, 5.16, 5.4, 6.32, 13.48]],
  ['short clips', { clipSeconds: 0.5, overlap: 0, scenes: false }, null],
])('clips %s: every instant gets its frame, by both samplings', async (_, segmentation, cuts) => {
  const folder = testFolder();
  for (const [name, pts] of [
    ['constant.mp4', '60*N'],
    ['varying.mkv', '60*N+25*mod(N,3)+1800*gt(N,100)'],
  ] as const) {
    const path = greyVideo(join(folder, name), { frames: 250, pts: pts.replaceAll(',', '\\,') });
    const times = range(250).map((N) => evaluate(pts, N));
    const probed = await probe(path);
    const clips = clipWindows(probed.duration, segmentation, cuts);
    expect(clips.length).toBeGreaterThan(3);
    for (const [T, sampling] of [
      [8, 'UNIFORM'],
      [8, 'WINDOW'],
      [25, 'WINDOW'],
    ] as const) {
      const read = await all(readClips(path, probed, clips, { ...shape(T), sampling }));
      expect(read.map(({ clip }) => clip)).toEqual(clips);
      const expected = clips.map((clip) =>
        instantsOf(times, clip, T, sampling).map((instant) => {
          const frame = times.findIndex((time) => time >= instant - 1e-6);
          return frame < 0 ? times.length - 1 : frame;
        }),
      );
      expect(read.map(levels), `${name} ${T} ${sampling}`).toEqual(expected);
    }
  }
});

/** The value of one of ffmpeg's expressions above. */
function evaluate(expression: string, N: number): number {
  const mod = (a: number, b: number) => a % b;
  const gt = (a: number, b: number) => (a > b ? 1 : 0);
  return new Function('N', 'mod', 'gt', `return ${expression}`)(N, mod, gt);
}

test.each(['late.mkv', 'late.ts'])('a file that starts at 95001 s (%s)', async (name) => {
  const output = [...H264, '-output_ts_offset', '95001'];
  const path = greyVideo(join(testFolder(), name), { frames: 100, output });
  const probed = await probe(path);
  expect(probed.startTime).toBeCloseTo(95_001, -1);
  expect(probed.duration).toBeCloseTo(4, 3);
  const clips = await all(readClips(path, probed, clipWindows(probed.duration), shape(8)));
  expect(clips.map(levels)).toEqual(
    sampledFrames(
      range(100).map((n) => 40 * n),
      8,
    ),
  );
});

test('a file without presentation times is timed by its frame rate', async () => {
  const output = [
    '-c:v',
    'mpeg4',
    '-q:v',
    '1',
    '-bf',
    '2',
    '-pix_fmt',
    'yuv420p',
    '-enc_time_base',
    '1:25',
    '-color_range',
    'pc',
  ];
  const path = greyVideo(join(testFolder(), 'a.avi'), { frames: 24, level: '10*N', output });
  const probed = await probe(path);
  expect(probed.timedBy).toBe(25);
  expect(probed.duration).toBeCloseTo(0.96, 9);
  const [clip] = await all(readClips(path, probed, clipWindows(probed.duration), shape(8)));
  const seen = levels(clip as ReadClip);
  const [expected] = sampledFrames(
    range(24).map((n) => 40 * n),
    8,
  );
  seen.forEach((level, i) => {
    expect(Math.abs(level - 10 * (expected?.[i] as number))).toBeLessThan(5);
  });
});

test('one frame serves all', async () => {
  const path = greyVideo(join(testFolder(), 'one.mp4'), { frames: 1, level: '77' });
  const clips = await read(path, 8);
  expect(clips.map(levels)).toEqual([Array(8).fill(77)]);
});

test('frames that cannot be decoded are passed over, also at the end', async () => {
  const folder = testFolder();
  const whole = greyVideo(join(folder, 'whole.mov'), { frames: 200, pts: '100*N', output: PNG });
  const times = range(200).map((n) => 100 * n);
  const packets = execFileSync('ffprobe', [
    ...['-v', 'error', '-show_entries', 'packet=pos,size', '-of', 'csv=p=0', whole],
  ]);
  const places = packets
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  const destroy = (name: string, broken: (n: number) => boolean) => {
    const path = join(folder, name);
    const bytes = readFileSync(whole);
    places.forEach(([size = 0, pos = 0], n) => {
      if (broken(n)) bytes.fill(0, pos, pos + size);
    });
    writeFileSync(path, bytes);
    return { path, usable: range(200).filter((n) => !broken(n)) };
  };

  const middle = destroy('middle.mov', (n) => n > 60 && n < 80);
  const holed = await read(middle.path, 8);
  expect(holed.map(levels)).toEqual(sampledFrames(times, 8, middle.usable));
  expect(holed.flatMap(({ warnings }) => warnings.map(({ code }) => code))).toEqual(['DAMAGED']);

  const end = destroy('end.mov', (n) => n > 130);
  const ended = await read(end.path, 8);
  expect(ended.map(levels)).toEqual(sampledFrames(times, 8, end.usable));
  expect(ended.flatMap(({ warnings }) => warnings.map(({ code }) => code))).toEqual(['DAMAGED', 'TRUNCATED']);

  const nothing = destroy('nothing.mov', () => true);
  await expect(read(nothing.path, 8)).rejects.toMatchObject({ code: 'NOT_A_VIDEO' });
});

test('a file that was cut off gives what is there, and says so', async () => {
  const output = [...H264, '-movflags', '+faststart'];
  const path = greyVideo(join(testFolder(), 'cut.mp4'), { frames: 250, size: '256x256', output });
  truncateSync(path, Math.floor(statSync(path).size * 0.7));
  const probed = await probe(path);
  expect(probed.warnings.map(({ code }) => code)).toEqual(['TRUNCATED']);
  expect(probed.duration).toBeLessThan(9);
  const [clip] = await read(path, 8);
  expect(levels(clip as ReadClip).slice(0, 7)).toEqual(
    sampledFrames(
      [...probed.times].map((t) => Math.round(t * 1000)),
      8,
    )[0]?.slice(0, 7),
  );
});

test('bit flips are read through, with a warning', async () => {
  const path = join(testFolder(), 'flipped.mp4');
  ffmpeg(
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=320x240:d=4',
    '-movflags',
    '+faststart',
    '-pix_fmt',
    'yuv420p',
    path,
  );
  const bytes = readFileSync(path);
  const media = bytes.indexOf('mdat') + 1000;
  for (let at = media; at < bytes.length; at += 997) bytes[at] = (bytes[at] as number) ^ 0x55;
  writeFileSync(path, bytes);
  const clips = await read(path, 8);
  expect(clips).toHaveLength(1);
  expect(clips.flatMap(({ warnings }) => warnings.map(({ code }) => code))).toContain('DAMAGED');
});

test('some clips of a video are the same as among all', async () => {
  const path = greyVideo(join(testFolder(), 'long.mp4'), { frames: 240, pts: '200*N' });
  const every = await read(path, 8);
  expect(every).toHaveLength(5);
  for (const chosen of [[1, 3], [4]]) {
    const some = await read(path, 8, chosen);
    expect(some.map(({ clip }) => clip)).toEqual(chosen.map((index) => every[index]?.clip));
    expect(some.map(levels)).toEqual(chosen.map((index) => levels(every[index] as ReadClip)));
  }
});

test('a change of resolution in mid-stream changes nothing', async () => {
  const folder = testFolder();
  const path = greyVideo(join(folder, 'a.ts'), { frames: 75 });
  const other = [...H264, '-output_ts_offset', '3'];
  const second = greyVideo(join(folder, 'b.ts'), {
    frames: 75,
    level: '100+N',
    size: '128x96',
    output: other,
  });
  appendFileSync(path, readFileSync(second));
  const level = (n: number) => (n < 75 ? n : 25 + n);
  const [expected] = sampledFrames(
    range(150).map((n) => 40 * n),
    8,
  );
  const clips = await read(path, 8);
  expect(clips.map(levels)).toEqual([expected?.map(level)]);
});

test('a rotated file of odd size is read as it is displayed', async () => {
  const folder = testFolder();
  const flat = join(folder, 'flat.mp4');
  // The left half white: after a quarter turn it is above or below.
  ffmpeg(
    '-f',
    'lavfi',
    '-i',
    'color=black:s=427x241:d=1,format=gbrp,drawbox=w=213:h=ih:c=white:t=fill',
    ...H264,
    '-pix_fmt',
    'yuv444p',
    flat,
  );
  const path = join(folder, 'turned.mp4');
  ffmpeg('-i', flat, '-c', 'copy', '-metadata:s:v', 'rotate=90', path);
  const probed = await probe(path);
  expect(probed).toMatchObject({ width: 241, height: 427 });
  const [clip] = await read(path, 2);
  const { width, height } = tileSize(probed);
  expect([width, height]).toEqual([160, 283]);
  const tile = clip?.tiles[0] as Uint8Array;
  expect(tile).toHaveLength(width * height * 3);
  const row = (y: number) => [4, width - 4].map((x) => (tile[(y * width + x) * 3] as number) > 128);
  expect(row(4)).toEqual([row(4)[0], row(4)[0]]);
  expect(row(height - 4)).toEqual([!row(4)[0], !row(4)[0]]);
});

const ffmpegsOfOurs = () =>
  execFileSync('ps', ['-A', '-o', 'ppid=,comm='])
    .toString()
    .split('\n')
    .filter((line) => /ffmpeg$/.test(line) && Number.parseInt(line, 10) === process.pid);

test('aborting and leaving the loop end ffmpeg at once, also while it waits', async () => {
  const path = greyVideo(join(testFolder(), 'long.mkv'), { frames: 250, pts: '4000*N', size: '320x240' });
  const probed = await probe(path);
  const clips = clipWindows(probed.duration);
  const large = { frames: 32, sampling: 'UNIFORM' as const, resize: 224, crop: 224 };

  const abort = new AbortController();
  const reading = readClips(path, probed, clips, large, abort.signal);
  expect((await reading.next()).value?.clip.index).toBe(0);
  expect(ffmpegsOfOurs()).toHaveLength(1);
  const reason = new ClipqlError('INTERNAL', 'stop');
  abort.abort(reason);
  await expect(reading.next()).rejects.toBe(reason);
  expect(ffmpegsOfOurs()).toEqual([]);

  for await (const { clip } of readClips(path, probed, clips, large)) if (clip.index === 1) break;
  expect(ffmpegsOfOurs()).toEqual([]);

  await expect(readClips(path, probed, clips, large, AbortSignal.abort(reason)).next()).rejects.toBe(reason);
});

test('names that mean something to a shell or to ffmpeg are only names', async () => {
  const folder = testFolder();
  const plain = greyVideo(join(folder, 'plain.mp4'), { frames: 10 });
  for (const name of [
    '-i.mp4',
    'a\nb.mp4',
    'größe 映画 🎬.mp4',
    'concat:x|y.mp4',
    '%03d.mp4',
    'a\' b".mp4',
  ]) {
    const path = join(folder, name);
    copyFileSync(plain, path);
    expect(await read(path, 2)).toHaveLength(1);
  }
});
