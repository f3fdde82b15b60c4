import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../start-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.remove());

const code = async (query: string, variables = {}) => {
  const { status, errors } = await app.ask(query, variables);
  return [status, errors?.[0]?.extensions.code];
};

const aliased = (count: number) =>
  `{ ${Array.from({ length: count }, (_, i) => `a${i}: model { name }`).join(' ')} }`;

/** Fragments that double at each level: 2^levels fields when written out. */
const bomb = (levels: number) => {
  const fragments = Array.from(
    { length: levels },
    (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
  ).join(' ');
  return `{ ...F0 } ${fragments} fragment F${levels} on Query { model { name } }`;
};

const EVERYTHING = `{ videos(first: 100) { pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  edges { cursor node { id sha256 title tags metadata duration width height frameRate createdAt searchable
    clips { index start end } warnings { code message } mediaUrl posterUrl sheetUrl } } } }`;

test('a page of 100 videos with everything may be asked', async () => {
  expect(await code(EVERYTHING)).toEqual([200, undefined]);
  expect(await code(EVERYTHING.replace('videos(', 'searchVideos(text: "x", '))).toEqual([200, undefined]);
});

test('30 aliases, not 31, not 2,000', async () => {
  expect(await code(aliased(30))).toEqual([200, undefined]);
  expect(await code(aliased(31))).toEqual([400, 'TOO_COSTLY']);
  expect(await code(aliased(2000))).toEqual([400, 'GRAPHQL_PARSE_FAILED']); // tokens
});

test('aliases in fragments count as often as they are used', async () => {
  const fields = Array.from({ length: 8 }, (_, i) => `a${i}: name`).join(' ');
  const use = (count: number) =>
    `{ ${Array.from({ length: count }, (_, i) => `m${i}: model { ...F }`).join(' ')} }`;
  expect(await code(`${use(3)} fragment F on Model { ${fields} }`)).toEqual([200, undefined]);
  expect(await code(`${use(4)} fragment F on Model { ${fields} }`)).toEqual([400, 'TOO_COSTLY']);
});

test('fragments that explode are refused at once', async () => {
  expect(await code(bomb(3))).toEqual([200, undefined]);
  const start = performance.now();
  expect(await code(bomb(50))).toEqual([400, 'TOO_COSTLY']);
  expect(performance.now() - start).toBeLessThan(10_000); // written out they would be 2^50 fields
});

test('lists of lists and searches add up', async () => {
  const searches = (count: number) =>
    `{ ${Array.from({ length: count }, (_, i) => `s${i}: searchVideos(text: "x") { edges { score } }`).join(' ')} }`;
  expect(await code(searches(10))).toEqual([200, undefined]);
  expect(await code(searches(12))).toEqual([400, 'TOO_COSTLY']);
  const two = EVERYTHING.replace(/^\{/, '{ a: ').replace(/\}$/, `b: ${EVERYTHING.slice(1)}`);
  expect(await code(two)).toEqual([400, 'TOO_COSTLY']);
});

test('introspection that goes round in circles is refused', async () => {
  const round = (levels: number): string =>
    levels === 0 ? 'name' : `fields { type { ${round(levels - 1)} } }`;
  const query = `{ __schema { types { ${round(4)} } } }`;
  expect((await code(query))[0]).toBe(400);
});

test('1,000 labels as variables fit', async () => {
  const labels = Array.from(
    { length: 1000 },
    (_, i) => `a video of thing number ${i}, ${'and so on '.repeat(30)}`,
  );
  const query = 'query ($labels: [String!]!) { classifyVideo(id: "x", labels: $labels) { best { label } } }';
  expect(await code(query, { labels })).toEqual([200, 'NOT_FOUND']);
});
