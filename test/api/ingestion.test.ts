import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-media-')));
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
let app: TestApp;

beforeAll(async () => {
  app = await startApp({ MEDIA_DIRS: folder });
});
afterAll(async () => {
  await app?.remove();
  rmSync(folder, { recursive: true });
});

/** Waits as a client does. */
async function ended(id: string) {
  const query = `query ($id: ID!) { ingestion(id: $id) { state duplicate warnings { code }
    errors { code attempt } retryAt error { code } video { id searchable clips { start end } segmentation { clipSeconds overlap scenes } } } }`;
  for (;;) {
    const { data } = await app.ask(query, { id });
    if (!['QUEUED', 'RUNNING'].includes(data.ingestion.state)) return data.ingestion;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('many at once: an ingestion or an error for each', async () => {
  const inputs = [
    { path: makeClip(join(folder, 'one.mp4'), { seconds: 2 }) },
    { path: '/etc/passwd' },
    { url: 'http://127.0.0.1:1/film.mp4' },
    { path: makeClip(join(folder, 'two.mp4'), { seconds: 2, colour: 'blue' }), title: 'Two' },
  ];
  const { data } = await app.ask(
    `mutation ($inputs: [IngestVideoInput!]!) { ingestVideos(inputs: $inputs) {
       ingestion { id source { kind name } } error { code message retryable } } }`,
    { inputs },
  );
  expect(data.ingestVideos).toMatchObject([
    { ingestion: { source: { kind: 'PATH', name: 'one.mp4' } }, error: null },
    { ingestion: null, error: { code: 'SOURCE_NOT_ALLOWED', retryable: false } },
    { ingestion: null, error: { code: 'SOURCE_NOT_ALLOWED', retryable: false } },
    { ingestion: { source: { name: 'two.mp4' } }, error: null },
  ]);
  for (const { ingestion } of data.ingestVideos) {
    if (ingestion) expect(await ended(ingestion.id)).toMatchObject({ state: 'SUCCEEDED' });
  }
  const all = Array(1001).fill({ path: '/x' });
  const tooMany = await app.ask(
    'mutation ($inputs: [IngestVideoInput!]!) { ingestVideos(inputs: $inputs) { error { code } } }',
    { inputs: all },
  );
  expect(tooMany.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
});

test('a folder, and again, and the counts', async () => {
  const query = `mutation ($input: IngestFolderInput!) { ingestFolder(input: $input) { found queued known skipped } }`;
  makeClip(join(folder, 'three.mp4'), { seconds: 1, colour: 'green' });
  const first = await app.ask(query, { input: { path: folder } });
  expect(first.data.ingestFolder).toEqual({ found: 3, queued: 1, known: 2, skipped: [] });
  const second = await app.ask(query, { input: { path: folder, recursive: false, include: ['t*.mp4'] } });
  expect(second.data.ingestFolder).toEqual({ found: 2, queued: 0, known: 2, skipped: [] });
  const outside = await app.ask(query, { input: { path: '/etc' } });
  expect(outside.errors?.[0]?.extensions.code).toBe('SOURCE_NOT_ALLOWED');
  const counts = () =>
    app.ask('{ ingestions(first: 1) { counts { queued running succeeded failed cancelled } } }');
  await expect
    .poll(async () => (await counts()).data.ingestions.counts, { timeout: 30_000 })
    .toEqual({ queued: 0, running: 0, succeeded: 3, failed: 0, cancelled: 0 });
});

test('cancelled, retried, and cut anew', async () => {
  const path = makeClip(join(folder, 'long.mp4'), { seconds: 40, colour: 'yellow', rate: 5 });
  const made = await app.ask('mutation ($input: IngestVideoInput!) { ingestVideo(input: $input) { id } }', {
    input: { path, segmentation: { clipSeconds: 20 } },
  });
  const { id } = made.data.ingestVideo;
  const act = (name: string, wanted = id) =>
    app.ask(`mutation ($id: ID!) { ${name}(id: $id) { id state } }`, { id: wanted });
  const cancelled = await act('cancelIngestion');
  expect(['CANCELLED', 'SUCCEEDED']).toContain(cancelled.data.cancelIngestion.state);
  if (cancelled.data.cancelIngestion.state === 'CANCELLED') await act('retryIngestion');
  const { video, state } = await ended(id);
  expect(state).toBe('SUCCEEDED');
  expect(video).toMatchObject({
    segmentation: { clipSeconds: 20, overlap: 0, scenes: false },
    clips: [
      { start: 0, end: 20 },
      { start: 20, end: 40 },
    ],
  });
  expect((await act('retryIngestion')).errors?.[0]?.extensions.code).toBe('NOT_RETRYABLE');
  expect((await act('cancelIngestion')).data.cancelIngestion.state).toBe('SUCCEEDED');
  for (const name of ['cancelIngestion', 'retryIngestion']) {
    expect((await act(name, UNKNOWN)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  }

  const recut = await app.ask(
    `mutation ($id: ID!) { resegmentVideo(id: $id, segmentation: { clipSeconds: 8 }) { id } }`,
    { id: video.id },
  );
  const after = await ended(recut.data.resegmentVideo.id);
  expect(after).toMatchObject({ state: 'SUCCEEDED', video: { id: video.id, searchable: true } });
  expect(after.video.clips).toHaveLength(5);
});

test('only an admin may', async () => {
  for (const mutation of [
    'ingestVideos(inputs: []) { error { code } }',
    'ingestFolder(input: {path: "/x"}) { found }',
    `cancelIngestion(id: "${UNKNOWN}") { id }`,
    `retryIngestion(id: "${UNKNOWN}") { id }`,
    `resegmentVideo(id: "${UNKNOWN}", segmentation: {}) { id }`,
  ]) {
    const { errors } = await app.ask(`mutation { ${mutation} }`, {}, { authorization: '' });
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  }
});
