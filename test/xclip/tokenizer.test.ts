import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTokenizer } from '#src/xclip/tokenizer.js';
import { copyOf, fixture, fixtureJson } from './fixtures.js';

const START = 962;
const END = 963;
const cases: { text: string; ids: number[] }[] = fixtureJson('tokens.json');
const tokenize = await readTokenizer(fixture('tokenizer.json'), 964, 77);

test.each(cases)('tokens of $text are the reference tokenizer’s', ({ text, ids }) => {
  const whole = ids.length <= 77 ? ids : [...ids.slice(0, 76), END];
  expect(tokenize(text)).toEqual(whole.slice(0, whole.indexOf(END) + 1));
});

test('a long text is cut and keeps its end-of-text token', () => {
  const ids = tokenize('red '.repeat(500));
  expect(ids).toHaveLength(77);
  expect([ids[0], ids[76]]).toEqual([START, END]);
  expect(ids.slice(1, 76)).not.toContain(END);
});

test('a tokenizer of another model is refused', async () => {
  await expect(readTokenizer(fixture('tokenizer.json'), 900, 77)).rejects.toThrow(
    /tokenizer\.json: it makes token 963, but the model of config\.json knows 900 tokens/,
  );
});

test('a file that is no tokenizer is refused by name', async () => {
  const folder = copyOf('half');
  writeFileSync(join(folder, 'tokenizer.json'), '{}');
  await expect(readTokenizer(join(folder, 'tokenizer.json'), 964, 77)).rejects.toThrow(
    /tokenizer\.json: this is not a usable/,
  );
});
