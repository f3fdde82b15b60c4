import { cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { serverDatabaseOf } from '../db/fresh-database.js';
import { makeClip } from '../make-clip.js';
import { runServer } from '../run-server.js';
import { startApp, type TestApp } from '../start-app.js';
import { fixture } from '../xclip/fixtures.js';
import { until } from './until.js';

// Each test starts a server or two and embeds all videos twice.
vi.setConfig({ testTimeout: 180_000 });

const OTHER = fixture('half');
const COLOURS = ['red', 'blue', 'green'];

let media: string;
let app: TestApp;
beforeAll(() => {
  media = mkdtempSync(join(tmpdir(), 'clipql-media-'));
  for (const colour of COLOURS) makeClip(join(media, `${colour}.mp4`), { colour });
});
afterAll(() => rmSync(media, { recursive: true }));
beforeEach(async () => {
  app = await start();
});
afterEach(() => app.remove());

const start = (environment: Record<string, string> = {}) => startApp({ MEDIA_DIRS: media, ...environment });

/** Ingests all files of the media folder. */
async function fill(library: TestApp): Promise<void> {
  for (const colour of COLOURS) await library.ingest({ path: join(media, `${colour}.mp4`) });
}

async function search(library: TestApp): Promise<Edge[]> {
  const { data } = await library.ask(
    '{ searchVideos(text: "a red square", minRelevance: 0) { edges { score node { title } } } }',
  );
  return data.searchVideos.edges;
}

interface Edge {
  score: number;
  node: { title: string };
}

/** The same answer; sums in runs of another size differ in their last bits. */
function expectSame(edges: Edge[], expected: Edge[]): void {
  expect(edges.map((edge) => edge.node.title)).toEqual(expected.map((edge) => edge.node.title));
  for (const [i, { score }] of edges.entries())
    expect(score).toBeCloseTo(expected[i]?.score ?? Number.NaN, 3);
}

async function models(library: TestApp) {
  const { data } = await library.ask(
    `{ models { name fingerprint active incoming state embedded coverage error
         notEmbedded { edges { node { code message video { title } } } } } }`,
  );
  return data.models;
}

const activate = (library: TestApp, name: string, now = false) =>
  library.ask(
    'mutation ($name: String!, $now: Boolean!) { activateModel(name: $name, now: $now) { name active incoming } }',
    { name, now },
  );

test('search goes on with the old model until all is embedded with the new one, then answers as if it had always been there', async () => {
  await fill(app);
  const before = await search(app);
  const { data } = await activate(app, OTHER);
  expect(data.activateModel).toEqual({ name: 'half', active: false, incoming: true });
  const listed = await until(async () => {
    const now = await models(app);
    if (now[0].name === 'half') return now;
    const scores = await search(app);
    // The switch may have come in between the two questions.
    if ((await models(app))[0].name !== 'half') expectSame(scores, before);
    return null;
  });
  expect(listed).toMatchObject([
    { name: 'half', active: true, incoming: false, embedded: 3, coverage: 1 },
    { name: 'clipql-shapes', active: false, incoming: false, embedded: 3, coverage: 1 },
  ]);

  const twin = await start({ MODEL: OTHER });
  await fill(twin);
  expectSame(await search(app), await search(twin));
  await twin.remove();

  const [active, former] = listed;
  const remove = (fingerprint: string) => app.ask(`mutation { removeModel(fingerprint: "${fingerprint}") }`);
  expect((await remove(active.fingerprint)).errors?.[0]?.extensions.code).toBe('IN_USE');
  expect((await remove(former.fingerprint)).data.removeModel).toBe(former.fingerprint);
  expect((await remove(former.fingerprint)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  expect(readdirSync(join(app.dataDir, 'features'))).toEqual([active.fingerprint]);
  expect((await models(app)).length).toBe(1);
});

test('back to a model whose vectors are there: at once', async () => {
  await fill(app);
  const before = await search(app);
  await activate(app, OTHER);
  await until(async () => (await models(app))[0].name === 'half');
  const { data } = await activate(app, 'bundled');
  expect(data.activateModel).toEqual({ name: 'clipql-shapes', active: true, incoming: false });
  expectSame(await search(app), before);
});

test('a video whose file is gone is listed, and holds the switch back until the admin says so', async () => {
  await fill(app);
  const hidden = join(media, 'red.hidden');
  renameSync(join(media, 'red.mp4'), hidden);
  try {
    await activate(app, OTHER);
    const [active, incoming] = await until(async () => {
      const now = await models(app);
      return now[1].notEmbedded.edges.length > 0 && now[1].embedded === 2 ? now : null;
    });
    expect(active).toMatchObject({ name: 'clipql-shapes', active: true });
    expect(incoming.notEmbedded.edges[0].node).toMatchObject({
      code: 'SOURCE_GONE',
      video: { title: 'red' },
    });
    expect(await search(app)).toHaveLength(3);
    const { data } = await activate(app, OTHER, true);
    expect(data.activateModel).toMatchObject({ active: true });
    expect(await search(app)).toHaveLength(2);
  } finally {
    renameSync(hidden, join(media, 'red.mp4'));
  }
  // Its file is back: asked for again, it is embedded.
  await activate(app, OTHER);
  await until(async () => (await search(app)).length === 3);
});

test('a change goes on after a restart', async () => {
  await fill(app);
  await activate(app, OTHER);
  await app.close();
  const again = await start({ DATA_DIR: app.dataDir, MODEL: 'auto' });
  await until(async () => (await models(again))[0].name === 'half');
  expect(await search(again)).toHaveLength(3);
  await again.close();
});

test('weights that vanish are missed by name until they are back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clipql-model-'));
  cpSync(OTHER, folder, { recursive: true });
  await activate(app, folder);
  await fill(app);
  await app.close();
  renameSync(folder, `${folder}-away`);
  const again = await start({ DATA_DIR: app.dataDir, MODEL: 'auto' });
  const ask = () => again.ask('{ searchVideos(text: "a square", minRelevance: 0) { edges { score } } }');
  const { errors } = await ask();
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'MODEL_NOT_READY', modelState: 'FAILED' });
  expect(errors?.[0]?.message).not.toContain(tmpdir());
  expect((await models(again))[0]).toMatchObject({ active: true, state: 'FAILED' });
  expect((await fetch(`${again.url}/health/ready`)).status).toBe(503);
  renameSync(`${folder}-away`, folder);
  const { data } = await until(async () => {
    const answer = await ask();
    return answer.errors ? null : answer;
  });
  expect(data.searchVideos.edges).toHaveLength(3);
  await again.close();
  rmSync(folder, { recursive: true });
});

test('a model whose weights are gone is left by naming another at start', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clipql-model-'));
  cpSync(OTHER, folder, { recursive: true });
  await activate(app, folder);
  await fill(app);
  await app.close();
  rmSync(folder, { recursive: true });
  const again = await start({ DATA_DIR: app.dataDir, MODEL: 'bundled' });
  await until(async () => (await models(again))[0].name === 'clipql-shapes');
  expect(await search(again)).toHaveLength(3);
  await again.close();
});

test('a cursor of the former model is refused after the switch', async () => {
  await fill(app);
  const page = (after: string | null) =>
    app.ask(
      `query ($after: String) { searchVideos(text: "a square", first: 1, after: $after, minRelevance: 0) {
         pageInfo { endCursor } edges { score } } }`,
      { after },
    );
  const { endCursor } = (await page(null)).data.searchVideos.pageInfo;
  expect((await page(endCursor)).data.searchVideos.edges).toHaveLength(1);
  await activate(app, OTHER, true);
  expect((await page(endCursor)).errors?.[0]?.extensions.code).toBe('BAD_CURSOR');
});

test('a change goes on after the process was killed in the middle', async () => {
  await fill(app);
  const long = makeClip(join(media, 'long.mp4'), { seconds: 600, colour: 'yellow', rate: 4 });
  await app.ingest({ path: long });
  await app.close();
  const { dataDir } = app;
  const url = await serverDatabaseOf(dataDir);
  const killed = runServer({
    ...{ DATA_DIR: dataDir, ...(url && { DATABASE_URL: url }), MODEL: OTHER },
    ...{ MEDIA_DIRS: media, PORT: '0', SAMPLES: 'off' },
  });
  const address = `${await killed.ready}/graphql`;
  const query = JSON.stringify({ query: '{ models { incoming embedded } }' });
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: query };
  await until(async () => {
    const { data } = await (await fetch(address, request)).json();
    return data.models[1].incoming && data.models[1].embedded > 0;
  });
  killed.process.kill('SIGKILL');
  expect(await killed.ended).toBe('SIGKILL');
  expect(killed.output()).toContain('goes over to');
  expect(killed.output()).not.toContain('All is embedded');
  const again = await start({ DATA_DIR: dataDir, MODEL: 'auto' });
  const [active] = await until(async () => {
    const now = await models(again);
    return now[0].name === 'half' && now;
  });
  expect(active).toMatchObject({ embedded: 4, coverage: 1 });
  const twin = await start({ MODEL: OTHER });
  await fill(twin);
  await twin.ingest({ path: long });
  expectSame(await search(again), await search(twin));
  await Promise.all([again.close(), twin.remove()]);
});

test('what is no model changes nothing', async () => {
  await fill(app);
  for (const name of ['nowhere', media]) {
    expect((await activate(app, name)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
  expect(await search(app)).toHaveLength(3);
  expect(await models(app)).toMatchObject([{ name: 'clipql-shapes', active: true, error: null }]);
  expect(existsSync(join(app.dataDir, 'features'))).toBe(true);
});

test('only an admin changes models', async () => {
  const nobody = { authorization: '' };
  for (const mutation of ['activateModel(name: "bundled") { name }', 'removeModel(fingerprint: "x")']) {
    const { errors } = await app.ask(`mutation { ${mutation} }`, {}, nobody);
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  }
});
