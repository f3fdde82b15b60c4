import { basename } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { startApp, type TestApp } from '../start-app.js';
import { copyOf, slowCheckpoint } from '../xclip/fixtures.js';
import { until } from './until.js';

vi.setConfig({ testTimeout: 180_000 });

/** Frames of a clip: so many take seconds to be brought to int8. */
const FRAMES = 900;

let app: TestApp;
afterEach(() => app.remove());

const models = async () => (await app.ask('{ models { name state progress active } }')).data.models;
const search = () => app.ask('{ searchVideos(text: "x") { edges { score } } }');

async function expectMaking(): Promise<void> {
  const { errors } = await search();
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'MODEL_NOT_READY', modelState: 'LOADING' });
  expect(errors?.[0]?.message).toMatch(/is being made ready, its weights in another precision: \d+ %/);
}

test('the server listens while weights are brought to int8', async () => {
  const MODEL = slowCheckpoint(FRAMES);
  app = await startApp({ MODEL, PRECISION: 'int8' });
  expect(await models()).toMatchObject([{ name: basename(MODEL), state: 'LOADING' }]);
  expect((await models())[0].progress).toBeLessThan(1);
  await expectMaking();
  await until(async () => (await models())[0].state === 'READY');
  expect(await models()).toMatchObject([{ name: basename(MODEL), progress: 1, active: true }]);
  expect((await search()).data.searchVideos.edges).toEqual([]);
});

test('an activated model is brought to int8 after the answer; ending the server ends that', async () => {
  app = await startApp({ MODEL: copyOf('half'), PRECISION: 'int8' });
  await until(async () => (await models())[0].state === 'READY');
  const name = slowCheckpoint(FRAMES);
  const { data } = await app.ask(
    'mutation ($name: String!) { activateModel(name: $name) { name state progress active } }',
    { name },
  );
  expect(data.activateModel).toMatchObject({ name: basename(name), state: 'LOADING', active: false });
  expect((await search()).data.searchVideos.edges).toEqual([]); // With the model before.

  const began = performance.now();
  await app.close();
  expect(performance.now() - began).toBeLessThan(2000);
});
