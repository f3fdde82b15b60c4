import { expect, test } from 'vitest';
import { checkLabels } from '#src/search/check-labels.js';

test('a label is its own text, or fills the template', () => {
  expect(checkLabels([' a dog ', 'a cat'])).toEqual(['a dog', 'a cat']);
  expect(checkLabels([' dog ', '$& $1'], 'a video of {}!')).toEqual(['a video of dog!', 'a video of $& $1!']);
  expect(checkLabels(['{}', 'a'], '{}')).toEqual(['{}', 'a']);
});

test.each([
  [[], undefined, '1 to 1000'],
  [Array.from({ length: 1001 }, (_, i) => `${i}`), undefined, 'not 1001'],
  [['a', ' '], undefined, 'Label 2 is empty'],
  [['a', 'b', ' a'], undefined, 'Label 3, "a", is label 1 again'],
  [['caf\u00e9', 'cafe\u0301'], undefined, 'is label 1 again'],
  [['a'.repeat(1001)], undefined, 'Label 1 has more than 1000'],
  [['a'], '', 'exactly once'],
  [['a'], 'a video', 'exactly once'],
  [['a'], '{} and {}', 'exactly once'],
])('refuses %#', (labels, template, message) => {
  expect(() => checkLabels(labels, template)).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) }),
  );
});

test('labels that differ only in letter case are two', () => {
  expect(checkLabels(['Apple', 'apple'])).toEqual(['Apple', 'apple']);
});
