import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, type SearchPlace, searchKey } from '#src/search/search-cursor.js';

const bound = fc.record({
  distance: fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0), // JSON has no −0
  videoId: fc.uuid({ version: 4 }),
});
const place: fc.Arbitrary<SearchPlace> = fc.record({
  snapshot: fc.nat(),
  from: fc.option(bound),
  to: fc.option(bound),
  returned: fc.array(fc.uuid({ version: 4 }), { maxLength: 50 }),
});

test('comes back as it was, for its own search', () => {
  fc.assert(
    fc.property(place, (place) => {
      expect(decodeCursor(encodeCursor('key', place), 'key')).toEqual(place);
      expect(() => decodeCursor(encodeCursor('key', place), 'other')).toThrow(
        expect.objectContaining({ code: 'BAD_CURSOR', message: expect.stringContaining('another text') }),
      );
    }),
  );
});

test('anything else is refused', () => {
  const bad = expect.objectContaining({ code: 'BAD_CURSOR' });
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const whole = { snapshot: 1, from: null, to: null, returned: [] };
  for (const cursor of [
    '',
    'x',
    encode(null),
    encode([]),
    encode({ search: 'key' }),
    encode({ search: 'key', place: { ...whole, snapshot: '1' } }),
    encode({ search: 'key', place: { ...whole, snapshot: 1e300 } }),
    encode({ search: 'key', place: { ...whole, from: { distance: '0', videoId: 'x' } } }),
    encode({ search: 'key', place: { ...whole, returned: ["'; DROP TABLE video"] } }),
    encode({ search: 'key', place: { ...whole, more: 1 } }),
  ]) {
    expect(() => decodeCursor(cursor, 'key'), cursor).toThrow(bad);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => decodeCursor(text, 'key')).toThrow(bad);
    }),
  );
});

test('searches are the same when text, filter, threshold and model are', () => {
  const key = searchKey('a dog', { ids: ['1', '2'], tags: ['x', 'y'] }, 0.5, 'model');
  expect(searchKey('a dog', { tags: ['y', 'x'], ids: ['2', '1'] }, 0.5, 'model')).toBe(key);
  expect(searchKey('a dog', { ids: [], tags: [] }, 0.5, 'model')).not.toBe(
    searchKey('a dog', {}, 0.5, 'model'),
  );
  const others = [
    searchKey('a cat', { ids: ['1', '2'], tags: ['x', 'y'] }, 0.5, 'model'),
    searchKey('a dog', { ids: ['1'], tags: ['x', 'y'] }, 0.5, 'model'),
    searchKey('a dog', { ids: ['1', '2'], tags: ['x', 'y'], title: 't' }, 0.5, 'model'),
    searchKey('a dog', { ids: ['1', '2'], tags: ['x', 'y'] }, 0.4, 'model'),
    searchKey('a dog', { ids: ['1', '2'], tags: ['x', 'y'] }, 0.5, 'other model'),
  ];
  expect(new Set([key, ...others]).size).toBe(6);
});
