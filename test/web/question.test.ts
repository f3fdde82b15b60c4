import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  filterOf,
  type Question,
  readQuestion,
  searchOf,
  writeQuestion,
} from '../../web/library/question.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const questions: fc.Arbitrary<Question> = fc.record({
  ...{ text, not: text, next: text, title: text, min: text, max: text },
  tags: fc.array(
    text.filter((tag) => tag !== ''),
    { maxLength: 4 },
  ),
  sort: fc.constantFrom('RELEVANCE', 'NEWEST', 'OLDEST', 'LONGEST', 'SHORTEST'),
  nearest: fc.boolean(),
});

test('an address asks what was written into it', () => {
  fc.assert(
    fc.property(questions, (question) => {
      const address = new URL(writeQuestion(question), 'http://127.0.0.1');
      expect(address.pathname).toBe('/');
      expect(readQuestion(address.search)).toEqual(question);
    }),
  );
});

test('what is followed by something is a sequence; lengths that are none are no filter', () => {
  const none = readQuestion('');
  expect(searchOf({ ...none, text: ' a ', next: ' b ', not: 'c' })).toEqual({
    ...{ text: null, sequence: ['a', 'b'], not: ['c'] },
    ...{ filter: null, sort: 'RELEVANCE', minRelevance: null },
  });
  expect(searchOf({ ...none, text: 'a', nearest: true })).toMatchObject({ text: 'a', minRelevance: 0 });
  expect(filterOf({ ...none, min: '5', max: 'x' })).toEqual({ duration: { min: 5, max: null } });
  expect(filterOf({ ...none, min: '-1', max: ' ', title: ' ' })).toBeNull();
});
