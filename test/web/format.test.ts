import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytes, clock, percent, plural, span } from '../../web/parts/format.ts';

const plain = (text: string) => text.replace(/\u00a0/g, ' ');

test.each([
  [0, '0:00', '0:00.0'],
  [9.96, '0:10', '0:10.0'],
  [59.5, '1:00', '0:59.5'],
  [59.96, '1:00', '1:00.0'],
  [3599.99, '1:00:00', '1:00:00.0'],
  [3661.24, '1:01:01', '1:01:01.2'],
])('%d seconds', (seconds, whole, tenths) => {
  expect([clock(seconds), clock(seconds, true)]).toEqual([whole, tenths]);
});

test('a clock reads as what it was made of', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100 * 3600 }), (seconds) => {
      const read = clock(seconds)
        .split(':')
        .reduce((sum, part) => sum * 60 + Number(part), 0);
      expect(read).toBe(seconds);
    }),
  );
});

test('shares never say that something is certain or impossible when it is not', () => {
  expect([0, 0.0001, 0.005, 0.5, 0.994, 0.999, 1].map((share) => plain(percent(share)))).toEqual([
    ...['0 %', '< 1 %', '1 %', '50 %', '99 %', '> 99 %', '100 %'],
  ]);
});

test('bytes, counts, stretches', () => {
  expect([0, 999, 1000, 1_500_000, 2.5e13].map(bytes)).toEqual([
    ...['0 bytes', '999 bytes', '1.0 kB', '1.5 MB', '25.0 TB'],
  ]);
  expect([plural(1, 'video'), plural(1000, 'video')]).toEqual(['1 video', '1,000 videos']);
  expect([span({ start: 0, end: 10 }), span({ start: 0.5, end: 1.2 })]).toEqual([
    '0:00–0:10',
    '0:00.5–0:01.2',
  ]);
});
