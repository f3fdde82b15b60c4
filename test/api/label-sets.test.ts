import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../start-app.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const FIELDS = 'id name templates size builtIn labels { label texts examples } createdAt updatedAt';
const CREATE = `mutation ($input: CreateLabelSetInput!) { createLabelSet(input: $input) { ${FIELDS} } }`;
const UPDATE = `mutation ($id: ID!, $input: UpdateLabelSetInput!) { updateLabelSet(id: $id, input: $input) { ${FIELDS} } }`;
const DELETE = 'mutation ($id: ID!) { deleteLabelSet(id: $id) }';
const CLASSIFY = `query ($id: ID!, $labels: [String!], $labelSet: ID, $template: String, $templates: [String!]) {
  classifyVideo(id: $id, labels: $labels, labelSet: $labelSet, template: $template, templates: $templates) {
    best { label } labels { label logit } } }`;

let app: TestApp;
let circle: string;

beforeAll(async () => {
  const samples = resolve('samples');
  app = await startApp({ MEDIA_DIRS: samples });
  const { video } = await app.ingest({ path: `${samples}/a red circle moving left.mp4` });
  circle = video.id;
});
afterAll(() => app.remove());

const shapes = (name: string) => ({
  name,
  templates: ['a {} in motion', '{}'],
  labels: [
    { label: 'round', texts: ['a red circle', 'a crimson disc'], examples: [circle] },
    { label: 'angular', texts: ['a blue square'] },
    { label: 'a star' },
  ],
});

async function create(input: object) {
  const { data, errors } = await app.ask(CREATE, { input });
  expect(errors).toBeUndefined();
  return data.createLabelSet;
}

/** The logit of each label. */
async function logits(variables: object): Promise<Record<string, number>> {
  const { data, errors } = await app.ask(CLASSIFY, { id: circle, ...variables });
  expect(errors).toBeUndefined();
  const scores: { label: string; logit: number }[] = data.classifyVideo.labels;
  return Object.fromEntries(scores.map(({ label, logit }) => [label, logit]));
}

test('a label set is kept, listed, changed and removed', async () => {
  const set = await create(shapes('  Shapes\n1 '));
  expect(set).toMatchObject({
    ...{ name: 'Shapes 1', templates: ['a {} in motion', '{}'], size: 3, builtIn: false },
    labels: [
      { label: 'round', texts: ['a red circle', 'a crimson disc'], examples: [circle] },
      { label: 'angular', texts: ['a blue square'], examples: [] },
      { label: 'a star', texts: [], examples: [] },
    ],
  });
  const one = await app.ask(`query ($id: ID!) { labelSet(id: $id) { ${FIELDS} } }`, { id: set.id });
  expect(one.data.labelSet).toEqual(set);
  const list = await app.ask(
    `{ labelSets(first: 2) { edges { node { ${FIELDS} } } pageInfo { hasNextPage } } }`,
  );
  expect(list.data.labelSets.edges[0].node).toEqual(set);
  expect(list.data.labelSets.edges[1].node).toMatchObject({
    id: 'kinetics-400',
    builtIn: true,
    createdAt: null,
  });
  expect(list.data.labelSets.edges[1].node.labels).toHaveLength(400);
  expect(list.data.labelSets.pageInfo.hasNextPage).toBe(true);

  const changed = await app.ask(UPDATE, {
    id: set.id,
    input: { name: 'Shapes 2', labels: [{ label: 'x' }] },
  });
  expect(changed.data.updateLabelSet).toMatchObject({
    ...{ id: set.id, name: 'Shapes 2', size: 1, templates: set.templates },
    labels: [{ label: 'x', texts: [], examples: [] }],
  });
  expect((await app.ask(DELETE, { id: set.id })).data.deleteLabelSet).toBe(set.id);
  const gone = await app.ask(`query ($id: ID!) { labelSet(id: $id) { id } }`, { id: set.id });
  expect(gone.data.labelSet).toBeNull();
});

test('a video is classified against a label set as against its texts', async () => {
  const { id } = await create(shapes('For classification'));
  const one = await logits({ labelSet: id, templates: [] });
  const alone = await logits({ labels: ['a star'] });
  expect(one['a star']).toBeCloseTo(alone['a star'] as number, 4);
  const [round, ...others] = Object.keys(one).sort((a, b) => (one[b] as number) - (one[a] as number));
  expect([round, others.length]).toEqual(['round', 2]);
  // With the set's own templates it is another ensemble, with one template another text.
  const own = await logits({ labelSet: id });
  const framed = await logits({ labelSet: id, template: 'a {} in motion' });
  expect(own['a star']).not.toBeCloseTo(one['a star'] as number, 4);
  expect(framed['a star']).toBeCloseTo(
    (await logits({ labels: ['a star'], template: 'a {} in motion' }))['a star'] as number,
    4,
  );
  expect(
    (await app.ask(CLASSIFY, { id: circle, labelSet: 'article' })).data.classifyVideo.labels,
  ).toHaveLength(3);
});

test('a list without its labels is cheap, a long one with them is not', async () => {
  const ask = (fields: string) => app.ask(`{ labelSets(first: 100) { edges { node { ${fields} } } } }`);
  expect((await ask('id name size')).errors).toBeUndefined();
  expect((await ask('id labels { label texts }')).errors).toBeUndefined();
  const { errors } = await ask(
    'id name size templates builtIn createdAt updatedAt labels { label texts examples }',
  );
  expect(errors?.[0]?.extensions.code).toBe('TOO_COSTLY');
});

test('who has no token reads, and changes nothing', async () => {
  const { id } = await create({ name: 'Guarded', labels: [{ label: 'x' }] });
  const noToken = { authorization: '' };
  for (const [query, variables] of [
    [CREATE, { input: { name: 'Stranger', labels: [{ label: 'x' }] } }],
    [UPDATE, { id, input: { name: 'Stranger' } }],
    [DELETE, { id }],
  ] as const) {
    const { status, errors } = await app.ask(query, variables, noToken);
    expect([status, errors?.[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
  }
  const { data } = await app.ask(`query ($id: ID!) { labelSet(id: $id) { name } }`, { id }, noToken);
  expect(data.labelSet.name).toBe('Guarded');
});

const labels = [{ label: 'x' }];
test.each([
  [{ name: '', labels }, 'BAD_USER_INPUT', '`name` is empty'],
  [{ name: 'n'.repeat(101), labels }, 'BAD_USER_INPUT', '`name` has more than 100'],
  [{ name: 'Kinetics-400', labels }, 'BAD_USER_INPUT', 'Choose another name'],
  [{ name: 'n', labels: [] }, 'BAD_USER_INPUT', '1 to 1000 labels'],
  [{ name: 'n', labels: [{ label: ' ' }] }, 'BAD_USER_INPUT', 'Label 1 is empty'],
  [{ name: 'n', labels: [{ label: 'x' }, { label: 'x ' }] }, 'BAD_USER_INPUT', 'is label 1 again'],
  [{ name: 'n', labels: [{ label: 'x\0y' }] }, 'BAD_USER_INPUT', 'valid Unicode'],
  [{ name: 'n', labels: [{ label: 'x', texts: ['\ud800'] }] }, 'BAD_USER_INPUT', 'Label 1, text 1 holds'],
  [{ name: 'n', labels: [{ label: 'x', examples: [UNKNOWN] }] }, 'NOT_FOUND', UNKNOWN],
  [{ name: 'n', labels: [{ label: 'x', examples: ['nonsense'] }] }, 'NOT_FOUND', '"nonsense"'],
  [{ name: 'n', labels, templates: ['a'] }, 'BAD_USER_INPUT', 'exactly once'],
  [
    {
      name: 'n',
      labels: Array.from({ length: 1000 }, (_, i) => ({ label: `${i}` })),
      templates: Array.from({ length: 11 }, (_, i) => `${i} {}`),
    },
    'TOO_COSTLY',
    '11000 texts',
  ],
])('refuses to keep %#, and keeps nothing of it', async (input, code, message) => {
  const before = await app.ask('{ labelSets(first: 100) { edges { node { id } } } }');
  const { errors } = await app.ask(CREATE, { input });
  expect(errors?.[0]).toMatchObject({ extensions: { code }, message: expect.stringContaining(message) });
  expect(await app.ask('{ labelSets(first: 100) { edges { node { id } } } }')).toEqual(before);
});

test('refuses to change what is built in or unknown, and to make a set too large', async () => {
  const refusal = async (query: string, variables: object) =>
    (await app.ask(query, variables)).errors?.[0]?.extensions.code;
  expect(await refusal(UPDATE, { id: 'article', input: { name: 'n' } })).toBe('BAD_USER_INPUT');
  expect(await refusal(DELETE, { id: 'article' })).toBe('BAD_USER_INPUT');
  for (const id of [UNKNOWN, 'nonsense']) {
    expect(await refusal(UPDATE, { id, input: { name: 'n' } })).toBe('NOT_FOUND');
    expect(await refusal(DELETE, { id })).toBe('NOT_FOUND');
    expect(await refusal(CLASSIFY, { id: circle, labelSet: id })).toBe('NOT_FOUND');
  }
  expect(await refusal(CLASSIFY, { id: circle, labels: ['x'], labelSet: 'article' })).toBe('BAD_USER_INPUT');
  expect(await refusal('{ labelSets(after: "x") { edges { cursor } } }', {})).toBe('BAD_CURSOR');
  const { id } = await create({
    name: 'Grows',
    labels: Array.from({ length: 1000 }, (_, i) => ({ label: `${i}` })),
  });
  const templates = Array.from({ length: 11 }, (_, i) => `${i} {}`);
  expect(await refusal(UPDATE, { id, input: { templates } })).toBe('TOO_COSTLY');
});
