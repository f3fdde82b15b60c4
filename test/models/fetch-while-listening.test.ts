import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeClip } from '../make-clip.js';
import { startApp, type TestApp } from '../start-app.js';
import { fixture } from '../xclip/fixtures.js';
import { digestOf, type FakeHub, startFakeHub } from '../xclip/hub/fake-hub.js';
import { until } from './until.js';

const NAME = 'owner/model';
const FILES = ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'model.safetensors'];
const FRAMES = JSON.parse(readFileSync(fixture('half/config.json'), 'utf8')).vision_config.num_frames;
const files = Object.fromEntries(FILES.map((name) => [name, readFileSync(fixture(`half/${name}`))]));

let folder: string;
let hub: FakeHub;
let app: TestApp;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clipql-fetch-'));
  hub = await startFakeHub({ [NAME]: { main: files } });
});
afterEach(async () => {
  await app.remove();
  await hub.close();
  rmSync(folder, { recursive: true });
});

const start = (environment: Record<string, string>) =>
  startApp({
    ...{ MEDIA_DIRS: folder, HF_HUB_CACHE: join(folder, 'cache'), HF_ENDPOINT: hub.endpoint },
    ...environment,
  });
/** Changes a byte in the midst of a file. */
function damage(path: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.of(0xff), 0, 1, 40_000);
  closeSync(file);
}

const model = async () =>
  (await app.ask('{ model { name state progress error fingerprint frames } }')).data.model;
const ready = async () => (await fetch(`${app.url}/health/ready`)).json();

test('the server listens while its model is fetched; ingestions wait for it', async () => {
  let held = true;
  hub.fault = ({ path }) =>
    held && path.includes('model.safetensors') ? { status: 503, headers: { 'retry-after': '1' } } : undefined;
  app = await start({ MODEL: NAME });

  const coming = await until(async () => {
    const now = await model();
    return now.state === 'FETCHING' && now;
  });
  expect(coming).toMatchObject({ name: NAME, fingerprint: '', frames: 0 });
  expect(coming.progress).toBeLessThan(1);
  const { errors } = await app.ask('{ searchVideos(text: "x") { edges { score } } }');
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'MODEL_NOT_READY', modelState: 'FETCHING' });
  expect(errors?.[0]?.extensions).toHaveProperty('progress');
  expect(errors?.[0]?.message).toContain(`${NAME} is being fetched`);
  expect(await ready()).toMatchObject({ status: 'unavailable', model: NAME, modelState: 'FETCHING' });

  const path = makeClip(join(folder, 'a.mp4'));
  const { data } = await app.ask(
    'mutation ($path: String!) { ingestVideo(input: { path: $path }) { id state } }',
    { path },
  );
  expect(data.ingestVideo.state).toBe('QUEUED');
  held = false;
  const ended = await until(async () => {
    const { ingestion } = (await app.ask(`{ ingestion(id: "${data.ingestVideo.id}") { state } }`)).data;
    return ingestion.state !== 'QUEUED' && ingestion.state !== 'RUNNING' && ingestion;
  });
  expect(ended.state).toBe('SUCCEEDED');
  expect(await model()).toMatchObject({
    name: NAME,
    state: 'READY',
    progress: 1,
    error: null,
    frames: FRAMES,
  });
  expect(await ready()).toMatchObject({ status: 'ok', modelState: 'READY' });
  const found = await app.ask('{ searchVideos(text: "x", minRelevance: 0) { edges { node { title } } } }');
  expect(found.data.searchVideos.edges).toHaveLength(1);
});

test('a model that the hub does not have is said to be missing; another one can be activated', async () => {
  app = await start({ MODEL: 'owner/nothing' });
  const failed = await until(async () => {
    const now = await model();
    return now.state === 'FAILED' && now;
  });
  expect(failed.error).toContain('owner/nothing');
  const { data } = await app.ask('mutation { activateModel(name: "owner/model") { name state } }');
  expect(data.activateModel.name).toBe(NAME);
  await until(async () => (await model()).state === 'READY');
});

test('a change to a model of the hub: search goes on while it is fetched and when it fails', async () => {
  app = await start({ MODEL: 'bundled' });
  await app.ingest({ path: makeClip(join(folder, 'a.mp4')) });
  const search = async () =>
    (await app.ask('{ searchVideos(text: "x", minRelevance: 0) { edges { score } } }')).data.searchVideos
      .edges;
  const before = await search();
  const states = async () =>
    (await app.ask('{ models { name state active incoming } }')).data.models as object[];
  await app.ask('mutation { activateModel(name: "owner/nothing") { name } }');
  await until(async () => (await states()).some((one) => 'state' in one && one.state === 'FAILED'));
  expect(await search()).toHaveLength(before.length);
  expect(await states()).toMatchObject([
    { name: 'clipql-shapes', state: 'READY', active: true },
    { name: 'owner/nothing', state: 'FAILED', active: false, incoming: true },
  ]);
  await app.ask('mutation { activateModel(name: "owner/model") { name } }');
  await until(async () => (await model()).name === NAME);
  expect(await search()).toHaveLength(1);
});

test('a name that leads nowhere does not end the fetch of another model', async () => {
  let held = true;
  hub.fault = ({ path }) => (held && path.includes('model.safetensors') ? { status: 503 } : undefined);
  app = await start({ MODEL: NAME });
  await until(async () => (await model()).state === 'FETCHING');
  for (const name of ['nowhere', folder]) {
    const { errors } = await app.ask('mutation ($name: String!) { activateModel(name: $name) { name } }', {
      name,
    });
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  }
  expect((await model()).name).toBe(NAME);
  held = false;
  await until(async () => (await model()).state === 'READY');
});

test('weights that were damaged in the cache are fetched again', async () => {
  app = await start({ MODEL: NAME });
  await until(async () => (await model()).state === 'READY');
  const { fingerprint } = await model();
  await app.close();
  const weights = digestOf('model.safetensors', files['model.safetensors'] as Buffer);
  damage(join(folder, 'cache/models--owner--model/blobs', weights));
  app = { ...(await start({ MODEL: NAME, DATA_DIR: app.dataDir })), remove: app.remove };
  await until(async () => (await model()).state === 'READY');
  expect((await model()).fingerprint).toBe(fingerprint);
});
