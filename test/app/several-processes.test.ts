import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { dropServerDatabaseOf, serverDatabaseOf } from '../db/fresh-database.ts';
import { makeVideo } from '../ingest/make-video.ts';
import { type RunningServer, runServer } from '../run-server.ts';

const TOKEN = 'a-token-of-many-processes';
const FILES = 12;

// biome-ignore lint/suspicious/noExplicitAny: what GraphQL answers has the shape of the question
type Answer = any;

/** An API and its workers need a database that several processes can use. */
describe.runIf(process.env.TEST_DATABASE_URL)('an API and two workers on one database', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-processes-')));
  const dataDir = join(folder, 'data');
  let settings: Record<string, string>;
  let api: RunningServer;
  let url: string;
  let workers: RunningServer[];

  const startWorker = () => runServer({ ...settings, ROLE: 'worker' });

  beforeAll(async () => {
    settings = {
      ...{ DATABASE_URL: (await serverDatabaseOf(dataDir)) as string, DATA_DIR: dataDir, PORT: '0' },
      ...{ ADMIN_TOKEN: TOKEN, MODEL: 'bundled', SAMPLES: 'off', MEDIA_DIRS: folder },
    };
    api = runServer({ ...settings, ROLE: 'api' });
    url = await api.ready;
    workers = [startWorker(), startWorker()];
    await Promise.all(workers.map(({ ready }) => ready));
  });
  afterAll(async () => {
    for (const { process: child } of [api, ...workers]) child.kill('SIGTERM');
    expect(await Promise.all([api, ...workers].map(({ ended }) => ended))).toEqual([0, 0, 0]);
    await dropServerDatabaseOf(dataDir);
    rmSync(folder, { recursive: true });
  });

  async function ask(query: string, variables = {}): Promise<Answer> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as Answer;
    if (errors) throw new Error(errors[0].message);
    return data;
  }
  const counts = async () =>
    (await ask('{ ingestions(first: 1) { counts { queued running succeeded failed } } }')).ingestions.counts;

  test('workers that are killed lose nothing and make nothing double', async () => {
    for (let i = 0; i < FILES; i++) await makeVideo(join(folder, `${i}.mp4`), 12, 20 * i);
    await ask('mutation ($input: IngestFolderInput!) { ingestFolder(input: $input) { queued } }', {
      input: { path: folder, recursive: false },
    });
    for (const turn of [0, 1, 0]) {
      const before = (await counts()).succeeded;
      await expect.poll(async () => (await counts()).succeeded, { timeout: 60_000 }).toBeGreaterThan(before);
      const victim = workers[turn] as RunningServer;
      victim.process.kill('SIGKILL');
      expect(await victim.ended).toBe('SIGKILL');
      workers[turn] = startWorker();
    }
    await expect
      .poll(counts, { timeout: 100_000 })
      .toEqual({ queued: 0, running: 0, succeeded: FILES, failed: 0 });
    const { videos } = await ask('{ videos(first: 100) { edges { node { sha256 searchable } } } }');
    expect(videos.edges.every(({ node }: Answer) => node.searchable)).toBe(true);
    expect(new Set(videos.edges.map(({ node }: Answer) => node.sha256)).size).toBe(FILES);
  }, 180_000);

  test('what a worker does is seen, and stopped, through the API', async () => {
    await Promise.all(workers.map(({ ready }) => ready));
    const path = await makeVideo(join(folder, 'long.mp4'), 600, 7);
    const made = await ask('mutation ($input: IngestVideoInput!) { ingestVideo(input: $input) { id } }', {
      input: { path },
    });
    const { id } = made.ingestVideo;
    const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
    const events = client.iterate({
      query: `subscription { ingestionUpdated(id: "${id}") { state stage progress } }`,
    });
    const states: string[] = [];
    let asked = 0;
    for await (const { data } of events as AsyncIterable<Answer>) {
      const { state, progress } = data.ingestionUpdated;
      states.push(state);
      if (progress < 0.1 || asked > 0) continue;
      asked = performance.now();
      await ask(`mutation { cancelIngestion(id: "${id}") { state } }`);
    }
    expect(states).toContain('RUNNING');
    expect(states.at(-1)).toBe('CANCELLED');
    // The slot is free again: the next one is taken up, and the worker of the first has let it go.
    const next = await makeVideo(join(folder, 'next.mp4'), 1, 9);
    await ask('mutation ($input: IngestVideoInput!) { ingestVideo(input: $input) { id } }', {
      input: { path: next },
    });
    await expect
      .poll(counts, { timeout: 20_000 })
      .toEqual({ queued: 0, running: 0, succeeded: FILES + 1, failed: 0 });
    await client.dispose();
  });

  test('a worker answers for its health and its metrics alone', async () => {
    const worker = await (workers[1] as RunningServer).ready;
    expect((await fetch(`${worker}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${worker}/metrics`)).text()).toContain('clipql_encoder_clips_total');
    expect((await fetch(`${worker}/graphql`, { method: 'POST' })).status).toBe(404);
  });
});
