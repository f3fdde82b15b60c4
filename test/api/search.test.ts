import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWithSamples, type TestApp } from '../start-app.js';

let app: TestApp;
let ids: Map<string, string>;

beforeAll(async () => {
  ({ app, ids } = await startWithSamples());
}, 120_000);

afterAll(() => app.remove());

/** The titles that `searchVideos` finds, first as the names of the files are: in lower case. */
async function titles(search: string): Promise<string[]> {
  const { data, errors } = await app.ask(
    `{ searchVideos(${search}, first: 100) { totalRelevant edges { node { title } } } }`,
  );
  expect(errors).toBeUndefined();
  const { edges, totalRelevant } = data.searchVideos;
  expect(totalRelevant).toBe(edges.length);
  return edges.map((edge: { node: { title: string } }) => edge.node.title.toLowerCase());
}

/** The samples whose names fit. */
const named = (fits: (title: string) => boolean): string[] => [...ids.keys()].filter(fits);

const sorted = (list: string[]) => list.toSorted();

// Not stars: two of them blink, which the model takes for less of a star.
test.each(['circle', 'square', 'ring', 'triangle'])(
  'a %s: those that show one, all and no other',
  async (shape) => {
    expect(sorted(await titles(`text: "a ${shape}"`))).toEqual(
      sorted(named((title) => title.includes(shape))),
    );
  },
);

test('NOT: a circle, but nothing red in the video', async () => {
  const expected = named((title) => title.includes('circle') && !title.includes('red'));
  expect(sorted(await titles('text: "a circle", not: ["something red"]'))).toEqual(sorted(expected));
});

test('AND: both, wherever in the video; OR: one of them', async () => {
  const both = named((title) => title.includes('a red square') && title.includes('a blue star'));
  expect(both).toHaveLength(1);
  expect(await titles('all: ["a red square", "a blue star"]')).toEqual(both);
  const either = named((title) => /a red square|a white star/.test(title));
  expect(sorted(await titles('any: ["a red square", "a white star"]'))).toEqual(sorted(either));
});

test('a sequence is found in its order, within its time', async () => {
  const [title] = named((name) => name.includes('then nothing'));
  const found = (steps: string, more = '') => titles(`sequence: ${steps}${more}`);
  expect(await found('["a purple star", "an orange triangle"]')).toEqual([title]);
  expect(await found('["a purple star", "an orange triangle"]', ', withinSeconds: 25')).toEqual([title]);
  expect(await found('["a purple star", "an orange triangle"]', ', withinSeconds: 15')).toEqual([]);
  expect(await found('["an orange triangle", "a purple star"]')).toEqual([]);
});

test.each(['playing football', 'xq zvk wpl', 'a news anchor in a studio', '???'])(
  'nothing is about "%s"; all can be asked back',
  async (text) => {
    expect(await titles(`text: "${text}"`)).toEqual([]);
    expect(await titles(`text: "${text}", minRelevance: 0`)).toHaveLength(named(() => true).length);
  },
);

test('moments, their explanation and what is like them, of one video', async () => {
  const { data } = await app.ask(
    `{ searchMoments(text: "an orange triangle") { approximate edges { node { id title } moment { start end relevance text } } } }`,
  );
  const [edge] = data.searchMoments.edges;
  expect(edge.moment).toMatchObject({ start: 20, end: 30, text: 'an orange triangle' });
  const of = `id: "${edge.node.id}"`;
  const { data: explained } = await app.ask(
    `{ explain(${of}, text: "an orange triangle") { video { title } clips { index start relevance cosine logit background } } }`,
  );
  const curve = explained.explain.clips.map((clip: { relevance: number }) => clip.relevance);
  expect(curve).toHaveLength(3);
  expect(Math.max(...curve)).toBe(curve[2]);
  expect(curve[2]).toBeCloseTo(edge.moment.relevance, 6);
  const { data: similar } = await app.ask(
    `{ similarVideos(${of}, start: 21, end: 22, first: 3) { pageInfo { hasNextPage } edges { similarity clip { start } node { id } } } }`,
  );
  const { edges } = similar.similarVideos;
  expect(edges).toHaveLength(3);
  expect(edges.every((other: { node: { id: string } }) => other.node.id !== edge.node.id)).toBe(true);
});

test('the receipt', async () => {
  const { data } = await app.ask(
    '{ searchVideos(text: "a ring") { receipt { candidates scan clips videos overlap } } }',
  );
  const { candidates, clips, videos } = data.searchVideos.receipt;
  expect(data.searchVideos.receipt).toMatchObject({ scan: 'FULL', overlap: 1 });
  // Of each video the nearest clip, and no clip twice.
  expect(candidates).toBeGreaterThanOrEqual(videos);
  expect(candidates).toBeLessThanOrEqual(clips);
  expect(videos).toBe(named(() => true).length);
});
