import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';
import { openBrowser, openPage } from './browser.ts';

const READ_TOKEN = 'who-has-this-may-read';

let app: TestApp;
let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clipql-access-'));
  [app, browser] = await Promise.all([startApp({ READ_TOKEN, MEDIA_DIRS: folder }), openBrowser()]);
  await app.ingest({ path: makeClip(join(folder, 'secret.mp4')) });
});
afterAll(async () => {
  await browser.close();
  await app.remove();
  await rm(folder, { recursive: true });
});

async function giveToken(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.getByRole('button', { name: 'Go on' }).click();
}

test('with READ_TOKEN the page asks for it, then shows pictures and plays videos', async () => {
  const { page } = await openPage(browser, app.url);
  await page.goto('/');
  await page.getByRole('heading', { name: 'This library asks for a token' }).waitFor();
  await giveToken(page, 'not-the-right-token');
  await page.getByText('The server does not know this token.').waitFor();
  expect(await page.locator('.card').count()).toBe(0);
  await giveToken(page, READ_TOKEN);

  const poster = page.locator('.card img');
  await expect.poll(() => poster.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(160);
  await page.locator('.card-link').click();
  const player = page.locator('video');
  await expect
    .poll(() => player.evaluate((video) => (video as HTMLVideoElement).readyState))
    .toBeGreaterThan(1);
  const sheet = page.getByAltText(/^The 8 frames the model saw/);
  await expect.poll(() => sheet.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(8 * 160);
  // To read is not to change.
  await page.getByRole('link', { name: 'Ingest' }).click();
  await page.getByText('Adding videos needs the admin token.').waitFor();
});

test('a video whose signed address has expired plays on from a fresh one', async () => {
  const { page } = await openPage(browser, app.url);
  await page.addInitScript((token) => sessionStorage.setItem('clipql-token', token), READ_TOKEN);
  let asked = 0;
  // The second answer has another address, as it would hours later; to the first one the file is closed.
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('query VideoPage')) return route.continue();
    const response = await route.fetch();
    const body = await response.text();
    asked++;
    await route.fulfill({
      response,
      body: asked > 1 ? body.replace(/\/media\?[^"]*/, '$&&fresh=1') : body,
    });
  });
  await page.route(/\/media\?(?!.*fresh)/, (route) => route.fulfill({ status: 401, body: '{}' }));
  await page.goto('/');
  await page.locator('.card-link').click();
  const player = page.locator('video');
  await expect
    .poll(() => player.evaluate((video) => (video as HTMLVideoElement).readyState))
    .toBeGreaterThan(1);
  expect(asked).toBe(2);
});

test('whoever would rather not give a token is not asked again and again', async () => {
  const { page } = await openPage(browser, app.url);
  await page.goto('/');
  await page.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('link', { name: 'Model' }).click();
  const refusal = page.getByRole('alert');
  await refusal.getByText('This needs the read token').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await refusal.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page, READ_TOKEN);
  await page.getByRole('heading', { name: 'clipql-shapes' }).waitFor();
});

test('the API’s page knows the token that the page was given', async () => {
  const { page, complaints } = await openPage(browser, app.url);
  await page.goto('/');
  await giveToken(page, READ_TOKEN);
  await page.locator('.card').waitFor();
  complaints.length = 0; // those of the requests before the token
  const introspection = page.waitForResponse(
    (response) => response.request().method() === 'POST' && page.url().endsWith('/graphql'),
  );
  await page.getByRole('link', { name: 'API' }).click();
  expect((await (await introspection).json()).data.__schema.queryType.name).toBe('Query');
  expect(complaints).toEqual([]);
});
