import { mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-media-')));
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
// biome-ignore lint/suspicious/noExplicitAny: what GraphQL answers has the shape of the question
let red: any;
// biome-ignore lint/suspicious/noExplicitAny: as above
let blue: any;
let app: TestApp;

beforeAll(async () => {
  app = await startApp({ MEDIA_DIRS: folder });
  const details = { title: 'A red one', tags: ['square', 'red'], metadata: { shelf: 7 } };
  red = await app.ingest({ path: makeClip(join(folder, 'red.mp4'), { seconds: 3 }), ...details });
  blue = await app.ingest({
    path: makeClip(join(folder, 'blue.mp4'), { seconds: 25, colour: 'blue', rate: 4 }),
  });
});
afterAll(async () => {
  await app?.remove();
  rmSync(folder, { recursive: true });
});

const codes = async (query: string, variables = {}, headers = {}) => {
  const { status, errors } = await app.ask(query, variables, headers);
  return [status, errors?.map(({ extensions }) => extensions.code)];
};

describe('ingestion', () => {
  test('ends with a video', () => {
    expect(red).toMatchObject({
      state: 'SUCCEEDED',
      progress: 1,
      attempts: 1,
      duplicate: false,
      error: null,
      source: { kind: 'PATH', name: 'red.mp4' },
      video: { title: 'A red one', searchable: true },
    });
    expect(Date.parse(red.finishedAt)).toBeGreaterThanOrEqual(Date.parse(red.createdAt));
    expect(blue.video.title).toBe('blue');
  });

  test('of the same bytes leads to the same video, which stays as it is', async () => {
    const again = await app.ingest({ path: join(folder, 'red.mp4'), title: 'Another title' });
    expect(again).toMatchObject({ state: 'SUCCEEDED', duplicate: true, video: red.video });
  });

  test('of something else fails with a code', async () => {
    const failed = await app
      .ingest({ path: new URL('../../package.json', import.meta.url).pathname })
      .catch((error: Error) => error.message);
    expect(failed).toMatch(/MEDIA_DIRS|folder/); // outside of the allowed folders
  });

  test('is listed newest first, by state', async () => {
    const { data } = await app.ask(
      '{ ingestions(first: 2) { edges { node { id duplicate } } pageInfo { hasNextPage } } failed: ingestions(state: FAILED) { edges { cursor } } }',
    );
    expect(data.ingestions.edges[0].node.duplicate).toBe(true);
    expect(data.ingestions.edges[1].node.id).toBe(blue.id);
    expect(data.ingestions.pageInfo.hasNextPage).toBe(true);
    expect(data.failed.edges).toEqual([]);
  });
});

describe('videos', () => {
  test('have all that the contract says', async () => {
    const { data, errors } = await app.ask(
      `query ($id: ID!) { video(id: $id) { id sha256 title tags metadata duration width height frameRate createdAt
         searchable clips { index start end } warnings { code message } mediaUrl posterUrl sheetUrl } }`,
      { id: red.video.id },
    );
    expect(errors).toBeUndefined();
    expect(data.video).toMatchObject({
      ...{ id: red.video.id, title: 'A red one', tags: ['square', 'red'], metadata: { shelf: 7 } },
      ...{ width: 160, height: 120, frameRate: 12, searchable: true, warnings: [] },
      clips: [{ index: 0, start: 0, end: data.video.duration }],
      mediaUrl: `/videos/${red.video.id}/media`,
      posterUrl: `/videos/${red.video.id}/poster.webp`,
      sheetUrl: `/videos/${red.video.id}/sheet.webp`,
    });
    expect(data.video.duration).toBeCloseTo(3, 5);
    expect(data.video.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test('are cut into equal clips', async () => {
    const { data } = await app.ask('query ($id: ID!) { video(id: $id) { clips { start end } } }', {
      id: blue.video.id,
    });
    // 25 s: round(2.5) = 3 windows
    const expected = [0, 1, 2].map((i) => ({
      start: expect.closeTo((i * 25) / 3, 5),
      end: expect.closeTo(((i + 1) * 25) / 3, 5),
    }));
    expect(data.video.clips).toEqual(expected);
  });

  test('come in pages', async () => {
    const page = `query ($after: String) { videos(first: 1, after: $after) {
      edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
    const first = (await app.ask(page)).data.videos;
    const cursor = first.edges[0].cursor;
    expect(first.edges[0].node.id).toBe(blue.video.id);
    expect(first.pageInfo).toEqual({
      ...{ hasNextPage: true, hasPreviousPage: false, startCursor: cursor, endCursor: cursor },
    });
    const second = (await app.ask(page, { after: cursor })).data.videos;
    expect(second.edges.map((edge: { node: object }) => edge.node)).toEqual([{ id: red.video.id }]);
    expect(second.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const last = (await app.ask(page, { after: second.pageInfo.endCursor })).data.videos;
    expect(last).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null },
    });
  });

  test.each([
    [{ tags: ['red', 'square'] }, ['A red one']],
    [{ tags: ['red', 'green'] }, []],
    [{ title: 'RED' }, ['A red one']],
    [{ title: '%' }, []],
    [{ ids: [UNKNOWN, 'malformed'] }, []],
    [{ ids: [] }, []],
    [{ title: null, tags: null, ids: null }, ['blue', 'A red one']],
  ])('filtered by %j', async (filter, titles) => {
    const { data } = await app.ask(
      'query ($filter: VideoFilter) { videos(filter: $filter) { edges { node { title } } } }',
      { filter },
    );
    expect(data.videos.edges.map((edge: { node: { title: string } }) => edge.node.title)).toEqual(titles);
  });

  test('can be changed and deleted', async () => {
    const green = await app.ingest({
      path: makeClip(join(folder, 'green.mp4'), { seconds: 1, colour: 'green' }),
    });
    const { id } = green.video;
    const change =
      'mutation ($id: ID!, $input: UpdateVideoInput!) { updateVideo(id: $id, input: $input) { title tags metadata } }';
    const { data } = await app.ask(change, { id, input: { title: ' New ', tags: ['a', 'a', 'b'] } });
    expect(data.updateVideo).toEqual({ title: 'New', tags: ['a', 'b'], metadata: {} });
    const more = await app.ask(change, { id, input: { metadata: { x: [1, null] }, title: null } });
    expect(more.data.updateVideo).toEqual({ title: 'New', tags: ['a', 'b'], metadata: { x: [1, null] } });

    expect(await codes(change, { id, input: { title: '' } })).toEqual([200, ['BAD_USER_INPUT']]);
    expect(await codes(change, { id, input: { metadata: { 'a\u0000': 1 } } })).toEqual([
      200,
      ['BAD_USER_INPUT'],
    ]);

    const remove = 'mutation ($id: ID!) { deleteVideo(id: $id) }';
    expect((await app.ask(remove, { id })).data).toEqual({ deleteVideo: id });
    expect(await codes(remove, { id })).toEqual([200, ['NOT_FOUND']]);
    const after = await app.ask(
      'query ($id: ID!, $i: ID!) { video(id: $id) { id } ingestion(id: $i) { state video { id } } }',
      {
        ...{ id, i: green.id },
      },
    );
    expect(after.data).toEqual({ video: null, ingestion: { state: 'SUCCEEDED', video: null } });
    expect(statSync(join(folder, 'green.mp4')).size).toBeGreaterThan(0); // paths are never touched
  });
});

describe('search and classification', () => {
  test('filters', async () => {
    const titles = async (filter: string) => {
      const { data, errors } = await app.ask(
        `{ searchVideos(text: "a square", minRelevance: 0, filter: ${filter}) { edges { node { title } } } }`,
      );
      expect(errors).toBeUndefined();
      return data.searchVideos.edges.map((edge: { node: { title: string } }) => edge.node.title).sort();
    };
    const all = await titles('{}');
    expect(await titles('{ searchable: true, createdAt: { from: "2020-01-01T00:00:00Z" } }')).toEqual(all);
    expect(await titles('{ duration: { max: 0.1 } }')).toEqual([]);
    expect(await titles('{ metadata: [{ path: ["no", "such"], exists: false }] }')).toEqual(all);
    expect(await titles('{ metadata: [{ path: ["a\\u0022"], equals: null }] }')).toEqual([]);
  });

  test('rank the library', async () => {
    const { data, errors } = await app.ask(
      `{ searchVideos(text: "a red square", minRelevance: 0) { edges { cursor score relevance node { title }
         moments { start end score } } pageInfo { hasNextPage } approximate } }`,
    );
    expect(errors).toBeUndefined();
    const [best, other] = data.searchVideos.edges;
    expect([best.node.title, other.node.title]).toEqual(['A red one', 'blue']);
    expect(best.score).toBeGreaterThan(other.score);
    expect(best.relevance).toBeGreaterThan(other.relevance);
    expect(best.moments).toEqual([{ start: 0, end: expect.closeTo(3, 5), score: best.score }]);
    expect(other.moments).toHaveLength(3);
    expect(data.searchVideos.pageInfo.hasNextPage).toBe(false);
    expect(data.searchVideos.approximate).toBe(false);
  });

  test('take any labels', async () => {
    const { data } = await app.ask(
      `query ($id: ID!, $labels: [String!]!) { classifyVideo(id: $id, labels: $labels, template: "a video of {}") {
         video { id } model { name } best { label } labels { label probability logit }
         approximate } }`,
      { id: blue.video.id, labels: ['a red square', ' a blue square '] },
    );
    const { video, model, best, labels } = data.classifyVideo;
    expect([video.id, model.name, best.label]).toEqual([blue.video.id, 'clipql-shapes', ' a blue square ']);
    expect(labels[0].label).toBe(best.label);
    expect(data.classifyVideo.approximate).toBe(false);
    expect(labels[0].probability + labels[1].probability).toBeCloseTo(1, 6);
    // the softmax of the two logits
    const odds = Math.exp(labels[0].logit - labels[1].logit);
    expect(labels[0].probability).toBeCloseTo(odds / (1 + odds), 6);
  });

  test('the model says what it is', async () => {
    const { data } = await app.ask(
      '{ model { name fingerprint bundled notice state progress frames dimensions coverage calibrated minRelevance } }',
    );
    expect(data.model).toMatchObject({
      ...{ name: 'clipql-shapes', bundled: true, notice: null, state: 'READY', progress: 1, coverage: 1 },
    });
    expect(data.model.fingerprint).toMatch(/^[0-9a-f]{16,}$/);
    expect(data.model.frames).toBeGreaterThan(1);
  });
});

describe('errors', () => {
  test('what is nested too deeply is refused, wherever it is given', async () => {
    const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
    const filter =
      'query ($m: JSON, $p: [String!]!) { videos(filter: { metadata: [{ path: $p, equals: $m }] }) { edges { cursor } } }';
    const ingest =
      'mutation ($m: JSON) { ingestVideo(input: { path: "/nowhere.mp4", metadata: $m }) { id } }';
    for (const [query, variables] of [
      [ingest, { m: nested(101) }],
      [ingest, { m: nested(2000) }],
      [filter, { m: nested(2000), p: ['a'] }],
      [filter, { m: 1, p: Array(101).fill('a') }],
    ] as const) {
      const { errors } = await app.ask(query, variables);
      expect(errors?.[0]).toMatchObject({
        message: expect.stringMatching(/100 (levels|keys)/),
        extensions: { code: 'BAD_USER_INPUT' },
      });
    }
    expect(await app.ask(filter, { m: nested(99), p: Array(100).fill('a') })).toMatchObject({
      data: { videos: { edges: [] } },
    });
  });

  test('a subscription where one answer is given says where it is taken', async () => {
    const { errors } = await app.ask('subscription { ingestionUpdated { state } }');
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining('/graphql/stream'),
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  test.each([
    ['{ video(id: "no id") { id } }', { video: null }],
    [`{ video(id: "${UNKNOWN}") { id } }`, { video: null }],
    ['{ ingestion(id: "no id") { id } }', { ingestion: null }],
    [`{ ingestion(id: "${UNKNOWN}") { id } }`, { ingestion: null }],
  ])('%s is null', async (query, expected) => {
    expect(await app.ask(query)).toEqual({ status: 200, data: expected });
  });

  test.each([
    ['{ videos(first: 0) { edges { cursor } } }', 'BAD_USER_INPUT'],
    ['{ videos(first: 101) { edges { cursor } } }', 'BAD_USER_INPUT'],
    ['{ ingestions(first: -1) { edges { cursor } } }', 'BAD_USER_INPUT'],
    ['{ searchVideos(text: "x", first: 101) { edges { cursor } } }', 'BAD_USER_INPUT'],
    ['{ searchVideos(text: "  ") { edges { cursor } } }', 'BAD_USER_INPUT'],
    ['{ searchVideos(text: "x", minRelevance: 2) { edges { cursor } } }', 'BAD_USER_INPUT'],
    ['{ videos(filter: { title: "\\u0000" }) { edges { cursor } } }', 'BAD_USER_INPUT'],
    ['{ videos(filter: { metadata: [{ path: [], exists: true }] }) { edges { cursor } } }', 'BAD_USER_INPUT'],
    ['{ videos(filter: { metadata: [{ path: ["a"] }] }) { edges { cursor } } }', 'BAD_USER_INPUT'],
    ['{ videos(filter: { metadata: [{ path: ["a"], gt: true }] }) { edges { cursor } } }', 'BAD_USER_INPUT'],
    [
      '{ videos(filter: { metadata: [{ path: ["a"], equals: { b: "\\u0000" } }] }) { edges { cursor } } }',
      'BAD_USER_INPUT',
    ],
    ['{ videos(after: "x") { edges { cursor } } }', 'BAD_CURSOR'],
    ['{ ingestions(after: "x") { edges { cursor } } }', 'BAD_CURSOR'],
    ['{ searchVideos(text: "x", after: "x") { edges { cursor } } }', 'BAD_CURSOR'],
    ['{ classifyVideo(id: "x", labels: ["a", "b"]) { best { label } } }', 'NOT_FOUND'],
    [`{ classifyVideo(id: "${UNKNOWN}", labels: []) { best { label } } }`, 'BAD_USER_INPUT'],
    [`{ classifyVideo(id: "${UNKNOWN}") { best { label } } }`, 'BAD_USER_INPUT'],
    ['mutation { deleteVideo(id: "x") }', 'NOT_FOUND'],
    ['mutation { updateVideo(id: "x", input: {}) { id } }', 'NOT_FOUND'],
    ['mutation { ingestVideo(input: {}) { id } }', 'BAD_USER_INPUT'],
    ['mutation { ingestVideo(input: { path: "/etc/passwd" }) { id } }', 'SOURCE_NOT_ALLOWED'],
    ['mutation { ingestVideo(input: { uploadId: "../../etc/passwd" }) { id } }', 'SOURCE_NOT_FOUND'],
    ['mutation { ingestVideo(input: { path: "/x", uploadId: "y" }) { id } }', 'BAD_USER_INPUT'],
  ])('%s: %s', async (query, code) => {
    expect(await codes(query)).toEqual([200, [code]]);
  });

  test('a search’s cursor is for that search alone', async () => {
    const search = (text: string, after?: string) =>
      app.ask(
        'query ($text: String!, $after: String) { searchVideos(text: $text, after: $after, minRelevance: 0, first: 1) { edges { cursor } } }',
        { text, after },
      );
    const cursor = (await search('a red square')).data.searchVideos.edges[0].cursor;
    expect((await search('a red square', cursor)).errors).toBeUndefined();
    expect((await search('a blue square', cursor)).errors?.[0]?.extensions.code).toBe('BAD_CURSOR');
  });

  test('a variable of the wrong type is BAD_USER_INPUT', async () => {
    const query = 'query ($first: Int!) { videos(first: $first) { edges { cursor } } }';
    expect(await codes(query, { first: 'many' })).toEqual([400, ['BAD_USER_INPUT']]);
    const { errors } = await app.ask(query, { first: 'x'.repeat(100_000) });
    expect(errors?.[0]?.message.length).toBeLessThan(1100);
  });
});

describe('the admin token', () => {
  const mutations = [
    'mutation { deleteVideo(id: "x") }',
    'mutation { updateVideo(id: "x", input: {}) { id } }',
    'mutation { ingestVideo(input: {}) { id } }',
    'query A { model { name } } mutation B { deleteVideo(id: "x") }',
  ];
  test.each(mutations)('%s needs it', async (mutation) => {
    const name = mutation.includes(' B ') ? { operationName: 'B' } : {};
    for (const authorization of [
      '',
      'Bearer',
      'Bearer wrong',
      `Basic ${app.token}`,
      app.token,
      `Bearer ${app.token}x`,
    ]) {
      const response = await fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query: mutation, ...name }),
      });
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      expect([response.status, errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    }
  });

  test('reading is open', async () => {
    expect(await app.ask('{ model { name } }', {}, { authorization: '' })).toMatchObject({ status: 200 });
  });

  test('is readable by its owner alone', () => {
    expect(statSync(join(app.dataDir, 'admin-token')).mode & 0o777).toBe(0o600);
    expect(app.token.length).toBeGreaterThan(30);
  });
});
