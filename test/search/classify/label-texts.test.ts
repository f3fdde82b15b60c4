import { afterAll, beforeAll, expect, test } from 'vitest';
import { embedLabels } from '#src/search/classify/embed-labels.js';
import { resolveLabels } from '#src/search/classify/label-texts.js';
import { type Library, openLibrary } from '../../open-library.js';

let library: Library;
beforeAll(async () => {
  library = await openLibrary();
});
afterAll(() => library.close());

const textsOf = async (request: Parameters<typeof resolveLabels>[1]) =>
  (await resolveLabels(library.store, request)).map(({ texts }) => texts);

test('a label is its own text, or its texts are, each in each template', async () => {
  expect(
    await resolveLabels(library.store, { labels: [' a dog ', { label: 'cat', examples: ['X'] }] }),
  ).toEqual([
    { label: ' a dog ', texts: ['a dog'], examples: [] },
    { label: 'cat', texts: ['cat'], examples: ['x'] },
  ]);
  const labels = [{ label: 'dog', texts: ['a puppy', 'a hound'] }, ' $& '];
  expect(await textsOf({ labels, template: 'see {}!' })).toEqual([
    ['see a puppy!', 'see a hound!'],
    ['see $&!'],
  ]);
  expect(await textsOf({ labels, templates: ['{}', 'no {}'] })).toEqual([
    ['a puppy', 'no a puppy', 'a hound', 'no a hound'],
    ['$&', 'no $&'],
  ]);
  expect(await textsOf({ labels: ['{}', 'a'], template: '{}' })).toEqual([['{}'], ['a']]);
});

test('a label set brings its templates, unless others are given', async () => {
  const { id } = await library.store.labelSets.create({
    name: 'Animals',
    templates: ['a {}', 'the {}'],
    labels: [{ label: 'dog', texts: [], examples: [] }],
  });
  expect(await textsOf({ labelSet: id })).toEqual([['a dog', 'the dog']]);
  expect(await textsOf({ labelSet: id, template: 'no {}', templates: null })).toEqual([['no dog']]);
  expect(await textsOf({ labelSet: id, templates: [] })).toEqual([['dog']]);
});

test('the built-in sets have their labels', async () => {
  expect(await textsOf({ labelSet: 'article' })).toEqual([
    ['programming course'],
    ['eating spaghetti'],
    ['playing football'],
  ]);
  const kinetics = await textsOf({ labelSet: 'kinetics-400' });
  expect(kinetics).toHaveLength(400);
  expect([kinetics[0], kinetics[399]]).toEqual([['abseiling'], ['zumba']]);
});

test.each([
  [{}, 'BAD_USER_INPUT', 'exactly one of `labels` and `labelSet`'],
  [{ labels: ['a'], labelSet: 'article' }, 'BAD_USER_INPUT', 'exactly one of `labels` and `labelSet`'],
  [{ labels: [] }, 'BAD_USER_INPUT', '1 to 1000 labels'],
  [{ labels: ['a'], template: '{}', templates: ['{}'] }, 'BAD_USER_INPUT', 'at most one of'],
  [{ labels: ['a'], template: 'a' }, 'BAD_USER_INPUT', 'exactly once'],
  [{ labelSet: 'nonsense' }, 'NOT_FOUND', '`labelSets` lists them'],
  [{ labelSet: '00000000-0000-4000-8000-000000000000' }, 'NOT_FOUND', '`labelSets` lists them'],
  [
    {
      labels: Array.from({ length: 501 }, (_, i) => `${i}`),
      templates: Array.from({ length: 20 }, (_, i) => `${i} {}`),
    },
    'TOO_COSTLY',
    '10020 texts',
  ],
  [
    {
      labels: [{ label: 'a', texts: Array.from({ length: 10_000 }, (_, i) => `${i}`) }, 'b'],
    },
    'TOO_COSTLY',
    '10001 texts',
  ],
])('refuses %#', async (request, code, message) => {
  await expect(resolveLabels(library.store, request)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

test('one text is its own embedding; several are their mean direction, of their mean length', async () => {
  const { model } = library;
  const texts = ['a red circle', 'a crimson disc', 'a red circle moving left'];
  const [alone, ensemble] = await embedLabels(model, [
    { label: 'alone', texts: texts.slice(0, 1), examples: [] },
    { label: 'ensemble', texts, examples: [] },
  ]);
  const members = (await model.encodeTexts(texts)).map((embedding) => [...embedding]);
  alone?.forEach((x, i) => {
    expect(x).toBeCloseTo(members[0]?.[i] as number, 5);
  });

  const lengths = members.map((member) => Math.hypot(...member));
  expect(Math.max(...lengths) / Math.min(...lengths)).toBeGreaterThan(1.01); // else the lengths would not be tested
  expect(Math.hypot(...(ensemble ?? []))).toBeCloseTo(lengths.reduce((a, b) => a + b) / 3, 4);
  // The mean direction is the one that no other beats in the sum of cosines.
  const cosines = (vector: number[]) =>
    members.reduce((sum, member, k) => {
      const dot = member.reduce((all, x, i) => all + x * (vector[i] as number), 0);
      return sum + dot / (lengths[k] as number) / Math.hypot(...vector);
    }, 0);
  const best = cosines([...(ensemble ?? [])]);
  for (const other of members) {
    for (const step of [0.1, -0.1, 1, -1]) {
      expect(
        cosines([...(ensemble ?? [])].map((x, i) => x + step * (other[i] as number))),
      ).toBeLessThanOrEqual(best + 1e-9);
    }
  }
});

test('who gives up and asks again goes on from there', async () => {
  const labels = Array.from({ length: 1200 }, (_, i) => ({
    label: `${i}`,
    texts: [`number ${i}`],
    examples: [],
  }));
  const gone = new AbortController();
  const asked: number[] = [];
  const model: Library['model'] = {
    ...library.model,
    encodeTexts(texts, signal) {
      asked.push(texts.length);
      if (asked.length === 2) gone.abort(new Error('gone'));
      return library.model.encodeTexts(texts, signal);
    },
  };
  await expect(embedLabels(model, labels, gone.signal)).rejects.toThrow('gone');
  const embeddings = await embedLabels(model, labels);
  expect(asked).toEqual([500, 500, 500, 200]);
  const [last] = await library.model.encodeTexts(['number 1199']);
  embeddings[1199]?.forEach((x, i) => {
    expect(x).toBeCloseTo(last?.[i] as number, 5);
  });
});
