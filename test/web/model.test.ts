import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';
import { fixture } from '../xclip/fixtures.ts';
import { type FakeHub, startFakeHub } from '../xclip/hub/fake-hub.ts';
import { openBrowser, openPage } from './browser.ts';

const NAME = 'owner/model';
const FILES = ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'model.safetensors'];
const files = Object.fromEntries(FILES.map((name) => [name, readFileSync(fixture(`half/${name}`))]));

let browser: Browser;
let folder: string;
let hub: FakeHub;
let app: TestApp;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clipql-model-view-'));
  hub = await startFakeHub({ [NAME]: { main: files } });
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await app.remove();
  await hub.close();
  rmSync(folder, { recursive: true });
});

const start = (environment: Record<string, string> = {}) =>
  startApp({
    ...{ MEDIA_DIRS: folder, HF_HUB_CACHE: join(folder, 'cache'), HF_ENDPOINT: hub.endpoint },
    ...environment,
  });

test('another model is asked for, fetched and takes over, and the page tells how far it is', async () => {
  app = await start();
  for (const colour of ['red', 'blue', 'green']) {
    await app.ingest({ path: makeClip(join(folder, `${colour}.mp4`), { colour }) });
  }
  let held = true;
  hub.fault = ({ path }) =>
    held && path.includes('model.safetensors') ? { status: 503, headers: { 'retry-after': '1' } } : undefined;

  const { page, complaints } = await openPage(browser, app.url);
  await page.goto('/model');
  await page.getByLabel(/^Hub name/).fill(NAME);
  await page.getByRole('button', { name: 'Go over to it' }).click();
  await page.getByLabel('Token', { exact: true }).fill(app.token);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Go over to it' }).click();

  const coming = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: NAME }) });
  await coming.getByText('takes over when all is embedded with it').waitFor();
  await coming.getByRole('progressbar', { name: 'Its files are being fetched' }).waitFor();
  held = false;
  await coming.getByText('answers searches').waitFor({ timeout: 60_000 });
  await coming.getByText('3 videos embedded with it').waitFor();
  await page.getByText('This is the small bundled model').waitFor({ state: 'detached' });
  await page.goto('/?q=anything');
  await page.getByText('Relevance was not calibrated for this model').waitFor();
  expect(complaints).toEqual([]);
});

test('a name that the hub does not have is told', async () => {
  app = await start();
  const { page } = await openPage(browser, app.url);
  await page.addInitScript((token) => sessionStorage.setItem('clipql-token', token), app.token);
  await page.goto('/model');
  await page.getByLabel(/^Hub name/).fill('../../etc');
  await page.getByRole('button', { name: 'Go over to it' }).click();
  await page.getByRole('alert').waitFor();
});

test('while the first model is on its way every view says so, then goes on by itself', async () => {
  let held = true;
  hub.fault = ({ path }) =>
    held && path.includes('model.safetensors') ? { status: 503, headers: { 'retry-after': '1' } } : undefined;
  app = await start({ MODEL: NAME });
  const { page } = await openPage(browser, app.url);
  await page.goto('/?q=a+red+square');
  await page.getByText(`The model ${NAME} is being fetched, `).waitFor();
  await page.getByRole('alert').waitFor();
  held = false;
  await page.getByText('Nothing in the library is about that.').waitFor({ timeout: 30_000 });
  await expect.poll(() => page.getByText(/is being (fetched|loaded)/).count()).toBe(0);
});
