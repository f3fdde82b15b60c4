import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clipWindows, sampleFrames, wholeNanoseconds } from '#src/media/windows.js';
import { sampledFrames } from './sampled-frames.js';

const DAY = 86_400;

test.each([
  [0.04, 1],
  [14.99, 1],
  [15, 2],
  [24.9, 2],
  [25, 3],
  [60, 6],
  [36_000, 3600],
])('a video of %d s has %d clips', (duration, count) => {
  expect(clipWindows(duration)).toHaveLength(count);
});

test('clips tile the video in equal windows of 7.5 to 15 seconds', () => {
  const durations = fc.double({ min: 1e-3, max: DAY, noNaN: true }).map(wholeNanoseconds);
  fc.assert(
    fc.property(durations, (duration) => {
      const clips = clipWindows(duration);
      expect(clips[0]?.start).toBe(0);
      expect(clips.at(-1)?.end).toBe(duration);
      expect(clips.every((clip, k) => clip.index === k && clip.start === (k ? clips[k - 1]?.end : 0))).toBe(
        true,
      );
      const lengths = clips.map(({ start, end }) => end - start).sort((a, b) => a - b);
      const [shortest, longest] = [lengths[0] as number, lengths.at(-1) as number];
      expect(longest - shortest).toBeLessThan(1e-6);
      expect(longest).toBeLessThanOrEqual(15 + 1e-6);
      expect(shortest).toBeGreaterThanOrEqual(Math.min(duration, 7.5) - 1e-6);
    }),
    { numRuns: 50 },
  );
});

test('the noise of arithmetic does not decide the number of clips', () => {
  expect(clipWindows(24.999999999999996)).toHaveLength(3);
});

test('times are told without the noise of their arithmetic', () => {
  expect(clipWindows(30).map(({ start }) => start)).toEqual([0, 10, 20]);
  expect(wholeNanoseconds(13 + 0.013000000000002)).toBe(13.013);
});

test('frames are sampled as the definition says, for any times, also where a frame is exactly at an instant', () => {
  const gaps = fc.oneof(
    fc
      .tuple(fc.constantFrom(20, 40, 100, 1000), fc.integer({ min: 1, max: 400 }))
      .map(([gap, n]) => Array<number>(n).fill(gap)),
    fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 100 }),
  );
  const start = fc.constantFrom(0, 95_001_000, -80);
  fc.assert(
    fc.property(gaps, start, fc.constantFrom(1, 4, 8, 10, 16, 25, 32), (gaps, start, T) => {
      const times: number[] = [start];
      for (const gap of gaps) times.push((times.at(-1) as number) + gap);
      const sorted = [...gaps].sort((a, b) => a - b);
      const median =
        ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2;
      const seconds = Float64Array.from(times, (time) => time / 1000 - start / 1000);
      const duration = (seconds.at(-1) as number) + median / 1000;
      const sampled = clipWindows(duration).map((clip) => [...sampleFrames(seconds, clip, T, 'UNIFORM')]);
      expect(sampled).toEqual(sampledFrames(times, T));
    }),
    { numRuns: 200 },
  );
});

test('one frame serves every instant', () => {
  const [clip] = clipWindows(0.04);
  expect([...sampleFrames(Float64Array.of(0), clip as never, 4, 'UNIFORM')]).toEqual([0, 0, 0, 0]);
});

const durations = fc.double({ min: 1e-3, max: 1200, noNaN: true }).map(wholeNanoseconds);
const segmentations = fc.record({
  clipSeconds: fc.double({ min: 0.5, max: 60, noNaN: true }),
  overlap: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 0.9, noNaN: true })),
  scenes: fc.boolean(),
});

/** Some instants within a video. */
const cutsIn = (duration: number) =>
  fc
    .array(fc.double({ min: 0, max: duration, noNaN: true }), { maxLength: 30 })
    .map((cuts) =>
      [...new Set(cuts.map((cut) => Math.ceil(cut * 1000) / 1000 - 0.000_377))]
        .sort((a, b) => a - b)
        .filter((cut) => cut > 0),
    );

const cases = fc
  .tuple(durations, segmentations)
  .chain(([duration, segmentation]) =>
    fc.tuple(fc.constant(duration), fc.constant(segmentation), cutsIn(duration)),
  );

test('clips of any segmentation cover the video, ascending, and share what they shall', () => {
  fc.assert(
    fc.property(cases, ([duration, segmentation, cuts]) => {
      const { clipSeconds, overlap, scenes } = segmentation;
      const clips = clipWindows(duration, segmentation, cuts);
      expect(clips[0]?.start).toBe(0);
      expect(clips.at(-1)?.end).toBe(duration);
      clips.forEach(({ index, start, end }, k) => {
        const length = end - start;
        expect(index).toBe(k);
        expect(length).toBeLessThan(1.5 * clipSeconds + 1e-6);
        expect(length).toBeGreaterThan(Math.min(duration, (scenes ? 0.25 : 0.75) * clipSeconds) - 1e-6);
        const next = clips[k + 1];
        if (!next) return;
        expect(next.start).toBeGreaterThan(start);
        expect(next.end).toBeGreaterThan(end);
        const shared = end - next.start;
        // Neighbours share their part, or nothing where one scene ends and another begins.
        if (!scenes || Math.abs(shared) > 1e-6)
          expect(Math.abs(shared - overlap * length)).toBeLessThan(1e-6);
      });
    }),
    { numRuns: 100 },
  );
});

test('each scene is cut as a video of its own, but for those that are too short', () => {
  fc.assert(
    fc.property(cases, ([duration, segmentation, cuts]) => {
      const clips = clipWindows(duration, { ...segmentation, scenes: true }, cuts);
      const shortest = segmentation.clipSeconds / 4;
      const starts = clips.map(({ start }) => start);
      const ends = clips.map(({ end }) => end);
      const kept = cuts.filter((cut) => starts.includes(wholeNanoseconds(cut)) && cut > 0);
      // A cut that is far enough from all others and from both ends is kept.
      for (const [k, cut] of cuts.entries()) {
        const [before, after] = [cuts[k - 1] ?? 0, cuts[k + 1] ?? duration];
        if (cut - before >= shortest && after - cut >= shortest && duration - cut >= shortest)
          expect(kept).toContain(cut);
      }
      const bounds = [0, ...kept, duration];
      expect(kept.every((cut) => ends.includes(wholeNanoseconds(cut)))).toBe(true);
      const apart = bounds.slice(1).flatMap((end, k) => {
        const start = bounds[k] as number;
        return clipWindows(end - start, { ...segmentation, scenes: false }).map((clip) => [
          start + clip.start,
          start + clip.end,
        ]);
      });
      expect(clips).toHaveLength(apart.length);
      clips.forEach(({ start, end }, k) => {
        expect(start).toBeCloseTo(apart[k]?.[0] as number, 6);
        expect(end).toBeCloseTo(apart[k]?.[1] as number, 6);
      });
    }),
    { numRuns: 100 },
  );
});

test('scenes as they are told', () => {
  const windows = (duration: number, cuts: number[]) =>
    clipWindows(duration, { clipSeconds: 10, overlap: 0, scenes: true }, cuts).map(({ start, end }) => [
      start,
      end,
    ]);
  expect(windows(60, [12, 13, 50])).toEqual([
    [0, 12],
    [12, 21.5],
    [21.5, 31],
    [31, 40.5],
    [40.5, 50],
    [50, 60],
  ]);
  expect(windows(20, [1, 19])).toEqual([
    [0, 10],
    [10, 20],
  ]);
  expect(windows(2, [1])).toEqual([[0, 2]]);
});

test('more clips than a library can bear are refused', () => {
  expect(() => clipWindows(DAY, { clipSeconds: 0.5, overlap: 0.9, scenes: false })).toThrow(
    expect.objectContaining({ code: 'MEDIA_LIMIT', message: expect.stringContaining('longer clips') }),
  );
});

test('a window of frames is that of the article’s example', () => {
  // np.linspace(s, s + 32, num=8), clipped to s + 31, astype(int64), with s = (250 − 32) / 2.
  const times = Float64Array.from({ length: 250 }, (_, n) => n / 25);
  const [clip] = clipWindows(10);
  expect([...sampleFrames(times, clip as never, 8, 'WINDOW')]).toEqual([
    109, 113, 118, 122, 127, 131, 136, 140,
  ]);
  // A clip of fewer frames: np.linspace(0, 10, num=8).
  expect([...sampleFrames(times.slice(0, 10), { index: 0, start: 0, end: 0.4 }, 8, 'WINDOW')]).toEqual([
    0, 1, 2, 4, 5, 7, 8, 9,
  ]);
});
