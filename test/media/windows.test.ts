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
      const sampled = clipWindows(duration).map((clip) => [...sampleFrames(seconds, clip, T)]);
      expect(sampled).toEqual(sampledFrames(times, T));
    }),
    { numRuns: 200 },
  );
});

test('one frame serves every instant', () => {
  const [clip] = clipWindows(0.04);
  expect([...sampleFrames(Float64Array.of(0), clip as never, 4)]).toEqual([0, 0, 0, 0]);
});
