import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanMetadata, cleanTags, cleanTitle, titleOf } from '#src/ingest/details.js';
import type { Json } from '#src/store/types.js';

test('a title is one trimmed line', () => {
  expect(cleanTitle('  Two\nlines\r\n\tand a tab  ')).toBe('Two lines and a tab');
  expect(cleanTitle('Fußball ⚽ 東京')).toBe('Fußball ⚽ 東京');
});

test('an empty or overlong title is refused; the limit counts characters', () => {
  for (const title of ['', ' \n ', '\0', 'a'.repeat(501)]) {
    expect(() => cleanTitle(title)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  }
  expect(cleanTitle('⚽'.repeat(500))).toBe('⚽'.repeat(500));
});

test('a file gives its name without the extension', () => {
  expect(titleOf('My holiday.2024.mp4')).toBe('My holiday.2024');
  expect(titleOf('.mp4')).toBe('.mp4');
  expect(titleOf('\n.mp4')).toBe('Untitled');
  expect(titleOf('')).toBe('Untitled');
  expect(titleOf('a\ud800b.mp4')).toBe('a b');
});

test('any file name gives a title that is accepted as one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (name) => {
      const title = titleOf(name);
      expect(cleanTitle(title)).toBe(title.trim());
    }),
  );
});

test('tags are trimmed and unique, in their order', () => {
  expect(cleanTags([' b', 'a', 'b', 'a '])).toEqual(['b', 'a']);
  for (const tags of [[''], [' '], ['a'.repeat(101)], Array.from({ length: 101 }, (_, i) => `${i}`)]) {
    expect(() => cleanTags(tags)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  }
});

test('metadata is a JSON object the database can keep', () => {
  const metadata = { camera: 'north', shots: [1, { deep: '\\u0000 as text' }] };
  expect(cleanMetadata(metadata)).toEqual(metadata);
  const refused: Json[] = [null, [], 'text', 1, { a: 'x\0' }, { 'k\0': 1 }, { a: ['\ud800'] }];
  for (const bad of [...refused, { a: 'x'.repeat(65536) }]) {
    expect(() => cleanMetadata(bad)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  }
});
