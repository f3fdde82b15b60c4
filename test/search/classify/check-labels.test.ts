import { expect, test } from 'vitest';
import { checkLabels, checkTemplates } from '#src/search/classify/check-labels.js';

const named = (...labels: string[]) => labels.map((label) => ({ label }));
const refusal = (message: string) =>
  expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) });

test('labels and texts are trimmed, examples are there once', () => {
  const id = '0fa9c6f7-5f0c-4f6b-a71e-3a3b2b9b6f11';
  expect(
    checkLabels([{ label: ' a dog ', texts: [' a puppy', 'a hound'], examples: [id, id.toUpperCase()] }]),
  ).toEqual([{ label: 'a dog', texts: ['a puppy', 'a hound'], examples: [id] }]);
  expect(checkLabels([{ label: 'a', texts: null, examples: null }])).toEqual([
    { label: 'a', texts: [], examples: [] },
  ]);
});

test.each([
  [[], '1 to 1000'],
  [named(...Array.from({ length: 1001 }, (_, i) => `${i}`)), 'not 1001'],
  [named('a', ' '), 'Label 2 is empty'],
  [named('a', 'b', ' a'), 'Label 3, "a", is label 1 again'],
  [named('caf\u00e9', 'cafe\u0301'), 'is label 1 again'],
  [named('a'.repeat(1001)), 'Label 1 has more than 1000'],
  [named('a\0b'), 'Label 1 holds'],
  [named('a\ud800'), 'Label 1 holds'],
  [[{ label: 'a', texts: ['b', ''] }], 'Label 1, text 2 is empty'],
  [[{ label: 'a', texts: ['b', 'b '] }], 'Label 1, text 2, "b", is label 1, text 1 again'],
  [
    [{ label: 'a', examples: Array.from({ length: 101 }, (_, i) => `${i}`) }],
    '101 examples; 100 are allowed',
  ],
])('refuses labels %#', (labels, message) => {
  expect(() => checkLabels(labels)).toThrow(refusal(message));
});

test('labels that differ only in letter case are two', () => {
  expect(checkLabels(named('Apple', 'apple')).map(({ label }) => label)).toEqual(['Apple', 'apple']);
});

test('templates are trimmed and different', () => {
  expect(checkTemplates([' a {}', '{}!'])).toEqual(['a {}', '{}!']);
  expect(checkTemplates([])).toEqual([]);
});

test.each([
  [[''], 'exactly once'],
  [['a video'], 'exactly once'],
  [['{} and {}'], 'exactly once'],
  [['{}', '{} '], 'Template 2, "{}", is template 1 again'],
  [[`{}${'a'.repeat(1000)}`], 'Template 1 has more than 1000'],
  [Array.from({ length: 21 }, (_, i) => `${i} {}`), '21 templates are too many'],
])('refuses templates %#', (templates, message) => {
  expect(() => checkTemplates(templates)).toThrow(refusal(message));
});
