import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWithSamples, type TestApp } from '../start-app.js';

let app: TestApp;
let ids: Map<string, string>;

beforeAll(async () => {
  ({ app, ids } = await startWithSamples());
}, 120_000);

afterAll(() => app.remove());

const CLASSIFY = `query ($id: ID!, $labels: [String!], $examples: [LabelExamplesInput!]) {
  classifyVideo(id: $id, labels: $labels, examples: $examples) {
    noneOfThese best { label } labels { label probability confidence logit score } } }`;

async function classify(id: string | undefined, labels: string[], examples?: object[]) {
  const { data, errors } = await app.ask(CLASSIFY, { id, labels, examples });
  expect(errors).toBeUndefined();
  return data.classifyVideo;
}

const code = async (variables: object) => (await app.ask(CLASSIFY, variables)).errors?.[0]?.extensions.code;

test('what a video shows holds by itself, beside labels that do not', async () => {
  const others = ['playing football', 'a lecture about history'];
  for (const [title, id] of ids) {
    const [truth = ''] = title.split(/, then| and /);
    const { noneOfThese, best, labels } = await classify(id, [truth, ...others]);
    expect(best.label).toBe(truth);
    expect(labels[0].confidence, title).toBeGreaterThan(0.5);
    expect(labels[1].confidence, title).toBeLessThan(0.5);
    expect(noneOfThese).toBeCloseTo(1 - labels[0].confidence, 9);
  }
});

test('among labels that do not hold one is the most probable, and none is confident', async () => {
  for (const id of ids.values()) {
    const { noneOfThese, labels } = await classify(id, ['playing football', 'xq zvk', 'baking bread']);
    expect(noneOfThese).toBeGreaterThan(0.5);
    const sum = labels.reduce(
      (total: number, { probability }: { probability: number }) => total + probability,
      0,
    );
    expect(sum).toBeCloseTo(1, 6);
  }
});

test('confidence is the relevance that a search finds', async () => {
  const { data } = await app.ask('{ searchVideos(text: "a ring") { edges { relevance node { id } } } }');
  for (const { relevance, node } of data.searchVideos.edges) {
    const { labels } = await classify(node.id, ['a ring', 'a cross']);
    const ring = labels.find(({ label }: { label: string }) => label === 'a ring');
    expect(ring.confidence).toBeCloseTo(relevance, 5);
  }
});

test('the timeline of labels tells what each clip shows', async () => {
  const id = ids.get('a purple star moving right, then nothing, then an orange triangle circling');
  const { data } = await app.ask(
    `query ($id: ID!) { classifyVideo(id: $id, labels: ["a purple star", "an orange triangle", "a lecture"]) {
       clips { index start end noneOfThese labels(first: 1) { label probability logit score } all: labels(first: 9) { probability } } } }`,
    { id },
  );
  const { clips } = data.classifyVideo;
  expect(clips.map(({ start, end }: { start: number; end: number }) => [start, end])).toEqual([
    [0, 10],
    [10, 20],
    [20, 30],
  ]);
  expect(clips[0].labels[0].label).toBe('a purple star');
  expect(clips[2].labels[0].label).toBe('an orange triangle');
  const none = clips.map((clip: { noneOfThese: number }) => clip.noneOfThese > 0.5);
  expect(none).toEqual([false, true, false]);
  for (const { all, labels } of clips) {
    const sum = all.reduce(
      (total: number, { probability }: { probability: number }) => total + probability,
      0,
    );
    expect(sum).toBeCloseTo(1, 6);
    expect(labels).toHaveLength(1);
  }
});

test('examples teach a name that means nothing, and leave the others alone', async () => {
  const [green, yellow, black] = [
    'a green triangle growing',
    'a yellow triangle moving left',
    'a black triangle bouncing',
  ];
  const labels = ['a blicket', 'a dax', 'a circle'];
  const examples = [
    { label: 'a blicket', videos: [ids.get(green), ids.get(yellow)] },
    { label: ' a dax', videos: [ids.get('a blue ring circling'), ids.get('a purple ring shrinking')] },
  ];
  const without = await classify(ids.get(black), labels);
  const withExamples = await classify(ids.get(black), labels, examples);
  expect(withExamples.best.label).toBe('a blicket');
  expect(without.best.label).not.toBe('a blicket');
  type Scored = { label: string; score: number };
  const of = (answer: { labels: Scored[] }, name: string) =>
    answer.labels.find(({ label }) => label === name) as Scored;
  // The texts' own numbers stay; a label without examples keeps its score.
  for (const { label, logit, score } of without.labels) {
    expect(score).toBe(logit);
    expect(of(withExamples, label)).toMatchObject({ logit });
  }
  expect(of(withExamples, 'a circle')).toMatchObject({
    score: expect.closeTo(of(without, 'a circle').score, 9),
  });
  // A video is no example of itself.
  const itself = [{ label: 'a blicket', videos: [ids.get(black)] }];
  expect(await classify(ids.get(black), labels, itself)).toEqual(without);
});

test('bad examples are told', async () => {
  const id = ids.get('a blue ring circling');
  const labels = ['a blicket', 'a dax'];
  const unknown = '00000000-0000-4000-8000-000000000000';
  expect(await code({ id, labels, examples: [{ label: 'a wug', videos: [id] }] })).toBe('BAD_USER_INPUT');
  expect(await code({ id, labels, examples: [{ label: 'a dax', videos: [unknown] }] })).toBe('NOT_FOUND');
});

test('many videos, in pages, give what each by itself gives', async () => {
  const labels = ['a circle', 'a square', 'a star'];
  const found = new Map<string, unknown>();
  for (let after: string | null = null; ; ) {
    const { data, errors } = await app.ask(
      `query ($labels: [String!], $after: String) {
         classifyVideos(labels: $labels, first: 10, after: $after, filter: { title: "circle" }) {
           edges { node { video { id } noneOfThese best { label } labels { label probability confidence logit score } } }
           pageInfo { hasNextPage endCursor } } }`,
      { labels, after },
    );
    expect(errors).toBeUndefined();
    for (const { node } of data.classifyVideos.edges) {
      const { video, ...answer } = node;
      found.set(video.id, answer);
    }
    if (!data.classifyVideos.pageInfo.hasNextPage) break;
    after = data.classifyVideos.pageInfo.endCursor;
  }
  const circles = [...ids].filter(([title]) => title.includes('circle'));
  expect([...found.keys()].sort()).toEqual(circles.map(([, id]) => id).sort());
  for (const [id, answer] of found) {
    const alone = await classify(id, labels);
    expect((answer as typeof alone).best).toEqual(alone.best);
    expect((answer as typeof alone).noneOfThese).toBeCloseTo(alone.noneOfThese, 6);
  }
  const [first] = circles;
  const { data } = await app.ask(
    'query ($ids: [ID!]) { classifyVideos(labels: ["x", "y"], ids: $ids) { edges { node { video { id } } } } }',
    {
      ids: [first?.[1], '00000000-0000-4000-8000-000000000000'],
    },
  );
  expect(data.classifyVideos.edges).toEqual([{ node: { video: { id: first?.[1] } } }]);
});
