import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, type Place, searchKey } from '#src/search/ranking/search-cursor.js';

const bound = fc.record({
  distance: fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0), // JSON has no −0
  videoId: fc.uuid({ version: 4 }),
});
const place: fc.Arbitrary<Place> = fc.record({
  snapshot: fc.nat(),
  from: fc.option(bound),
  to: fc.option(bound),
  returned: fc.array(fc.uuid({ version: 4 }), { maxLength: 50 }),
  before: fc.nat(),
  last: fc.boolean(),
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
  const whole = { snapshot: 1, from: null, to: null, last: false, returned: [], before: 0 };
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

test('searches are the same when all that is asked is, whatever the order of its keys', () => {
  const search = { texts: { all: ['a dog'], any: [] }, filter: { ids: ['1'], tags: ['x', 'y'] }, min: 0.5 };
  const key = searchKey(search);
  expect(
    searchKey({ min: 0.5, filter: { tags: ['x', 'y'], ids: ['1'] }, texts: { any: [], all: ['a dog'] } }),
  ).toBe(key);
  expect(searchKey({ ...search, orderBy: undefined })).toBe(key);
  const others = [
    { ...search, texts: { all: [], any: ['a dog'] } },
    { ...search, texts: { all: ['a cat'], any: [] } },
    { ...search, filter: { ...search.filter, title: 't' } },
    { ...search, filter: { ids: ['1'], tags: ['x'] } },
    { ...search, filter: { ids: ['1'], createdAt: { from: new Date(0) } } },
    { ...search, filter: { ids: ['1'], createdAt: { from: new Date(1) } } },
    { ...search, min: 0.4 },
  ];
  expect(new Set([key, ...others.map(searchKey)]).size).toBe(others.length + 1);
});
