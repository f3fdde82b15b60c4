import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';
import { openBrowser, openPage, violations } from './browser.ts';

let app: TestApp;
let browser: Browser;
let folder: string;
let complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clipql-page-'));
  [app, browser] = await Promise.all([startApp({ URL_HOSTS: '127.0.0.1' }), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await app.remove();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});

async function open(path: string): Promise<Page> {
  const opened = await openPage(browser, app.url);
  complaints = opened.complaints;
  await opened.page.goto(path);
  return opened.page;
}

async function typeToken(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.getByRole('button', { name: 'Go on' }).click();
}

async function giveToken(page: Page): Promise<void> {
  await typeToken(page, app.token);
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

const choose = (page: Page, files: string | string[]) =>
  page.getByLabel(/Drop videos or folders here/).setInputFiles(files);

const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });

/** A file that takes its time: minutes of pictures that hardly change. */
function makeLongClip(name: string, minutes: number): string {
  const path = join(folder, name);
  const picture = `testsrc=duration=${minutes * 60}:size=64x64:rate=2`;
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', picture],
    ...['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', path],
  ]);
  return path;
}

test('an empty library invites to drop files; a wrong token is told, the right one is kept for the session', async () => {
  const page = await open('/');
  await page.getByRole('heading', { name: 'There are no videos yet' }).waitFor();
  const clip = makeClip(join(folder, 'first.mp4'));
  await choose(page, clip);
  expect(new URL(page.url()).pathname).toBe('/ingest');
  await page.getByRole('heading', { name: 'The admin token' }).waitFor();
  await typeToken(page, 'not-the-token-at-all');
  await page.getByText('This is not the admin token.').waitFor();
  await giveToken(page);

  await row(page, 'first').getByText('Can be searched').waitFor();
  await row(page, 'first').getByRole('link', { name: 'first' }).click();
  await page.locator('video').waitFor();
  await page.reload();
  await page.getByText('Change or remove it').waitFor(); // the token is known still
  expect(await page.evaluate(() => localStorage.length)).toBe(0);

  const stranger = await open('/ingest');
  await stranger.getByText('Adding videos needs the admin token.').waitFor();
  expect(complaints).toEqual([]);
});

test('files can be dropped, and each stage is live', async () => {
  const page = await open('/ingest');
  await page.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page);
  await page.getByText('You may change this library.').waitFor();
  await page.evaluate(() => {
    const seen: number[] = [];
    Object.assign(globalThis, { seen });
    new MutationObserver(() => {
      for (const bar of document.querySelectorAll('progress')) seen.push(bar.value);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  const long = makeLongClip('a while.mp4', 8);
  const bytes = (await readFile(long)).toString('base64');
  const transfer = await page.evaluateHandle((base64) => {
    const data = new DataTransfer();
    const content = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    data.items.add(new File([content], 'a while.mp4', { type: 'video/mp4' }));
    return data;
  }, bytes);
  await page.dispatchEvent('.drop', 'drop', { dataTransfer: transfer });
  await row(page, 'a while').getByText('Can be searched').waitFor();
  const seen = await page.evaluate(() => (globalThis as unknown as { seen: number[] }).seen);
  const between = new Set(seen.filter((value) => value > 0 && value < 1));
  expect(between.size).toBeGreaterThan(3);
  expect(complaints).toEqual([]);
});

test('a folder is dropped on the library: its videos are taken, however deep, and nothing else', async () => {
  const dropped = join(folder, 'holidays');
  await mkdir(join(dropped, 'day 1'), { recursive: true });
  await writeFile(join(dropped, 'notes.txt'), 'No video.');
  const none = join(folder, 'no videos');
  await mkdir(none);
  await writeFile(join(none, 'notes.txt'), 'No video.');
  makeClip(join(dropped, 'lake.mp4'), { colour: 'blue', seconds: 2 });
  makeClip(join(dropped, 'day 1', 'wood.MOV'), { colour: 'green', seconds: 2 });

  const page = await open('/ingest');
  await page.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page);
  await page.getByRole('link', { name: 'Library' }).click();
  const devtools = await page.context().newCDPSession(page);
  const drag = (type: 'dragEnter' | 'dragOver' | 'drop', path: string) =>
    devtools.send('Input.dispatchDragEvent', {
      ...{ type, x: 600, y: 500 },
      data: { items: [], files: [path], dragOperationsMask: 1 },
    });
  const invitation = page.getByText('Drop videos, or folders of them');
  const dragOver = async (path: string) => {
    await drag('dragEnter', path);
    const over = async () => {
      await drag('dragOver', path);
      return invitation.isVisible();
    };
    await expect.poll(over).toBe(true);
  };

  await dragOver(none);
  await page.dispatchEvent('html', 'dragleave'); // as when the pointer leaves the window, which it cannot here
  await invitation.waitFor({ state: 'detached' });
  await dragOver(none);
  const said = page.waitForEvent('dialog');
  const dropping = drag('drop', none); // is answered once the dialog is
  expect((await said).message()).toBe('There is no video in that folder.');
  await (await said).accept();
  await dropping;
  await invitation.waitFor({ state: 'detached' });

  await dragOver(dropped);
  await drag('drop', dropped);
  await row(page, 'lake').getByText('Can be searched').waitFor();
  await row(page, 'wood').getByText('Can be searched').waitFor();
  expect(await row(page, 'notes').count()).toBe(0);
  expect(complaints).toEqual([]);
});

test('a video can be opened while it is embedded, and searched as soon as it is done', async () => {
  const page = await open('/?q=a+yellow+square');
  await page.getByText('Nothing in the library is about that.').waitFor();
  await page.getByRole('link', { name: 'Ingest' }).click();
  await page.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page);
  await choose(page, makeClip(join(folder, 'long.mp4'), { colour: 'yellow', seconds: 600 }));
  await row(page, 'long').getByRole('link').click();
  await page.getByText('Its clips are being embedded.').waitFor();
  await page.getByRole('heading', { name: 'Ask anything of this video' }).waitFor();
  await page.getByRole('link', { name: 'Library' }).click();
  await page.getByRole('searchbox', { name: 'What happens in the video' }).fill('a yellow square');
  await page.getByRole('list', { name: 'Videos found' }).locator('.card', { hasText: 'long' }).waitFor();
  expect(complaints).toEqual([]);
});

test('an ingestion is cancelled and goes on when it is tried again', async () => {
  const page = await open('/ingest');
  await page.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page);
  await choose(page, makeLongClip('a day.mp4', 30));
  const job = row(page, 'a day');
  await job.getByText('Watching its clips').waitFor();
  await job.getByRole('button', { name: 'Cancel' }).click();
  await job.getByText('Cancelled', { exact: true }).waitFor();
  await page.getByRole('button', { name: /^Cancelled 1/ }).click();
  await job.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: /^All/ }).click();
  await job.getByText('Can be searched').waitFor({ timeout: 60_000 });
  expect(complaints).toEqual([]);
});

test('a file that is no video fails in plain words', async () => {
  const page = await open('/ingest');
  await page.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page);
  const path = join(folder, 'letter.mp4');
  await writeFile(path, 'Dear Sir or Madam');
  await choose(page, path);
  const job = row(page, 'letter.mp4');
  await job.getByText('Failed').waitFor();
  const { data } = await app.ask('{ ingestions(first: 1) { edges { node { error { message code } } } } }');
  const { message, code } = data.ingestions.edges[0].node.error;
  expect(code).toBe('NOT_A_VIDEO');
  expect(await job.innerText()).toContain(message);
  expect(await job.getByRole('button', { name: 'Try again' }).count()).toBe(0); // it would fail again
  expect(complaints).toEqual([]);
});

test('a file that this browser cannot play says so, and shows what the model saw', async () => {
  const page = await open('/ingest');
  await page.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page);
  const path = join(folder, 'old.avi');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=duration=2:size=160x120:rate=10', '-c:v', 'mpeg4', path],
  ]);
  await choose(page, path);
  await row(page, 'old').getByText('Can be searched').waitFor();
  await row(page, 'old').getByRole('link').click();
  await page.getByText('This browser cannot play this kind of file.').waitFor();
  const sheet = page.getByAltText(/^The 8 frames the model saw/);
  await expect.poll(() => sheet.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(8 * 160);
});

test('links are fetched; those that are refused stay, with the reason', async () => {
  const clip = makeClip(join(folder, 'linked.mp4'), { colour: 'blue' });
  const content = await readFile(clip);
  const site = createServer((_request, response) => response.end(content)).listen(0, '127.0.0.1');
  await new Promise((resolve) => site.once('listening', resolve));
  const { port } = site.address() as AddressInfo;
  await app.remove();
  app = await startApp({ URL_HOSTS: `127.0.0.1:${port}` });

  const page = await open('/ingest');
  await page.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page);
  const links = page.getByLabel('Links to videos, one a line');
  await links.fill(`http://127.0.0.1:${port}/linked.mp4\nnonsense://nowhere`);
  await page.getByRole('button', { name: 'Fetch them' }).click();
  await row(page, 'linked').getByText('Can be searched').waitFor();
  await page.getByRole('alert').filter({ hasText: 'nonsense://nowhere: ' }).waitFor();
  expect(await links.inputValue()).toBe('nonsense://nowhere');
  await new Promise((resolve) => site.close(resolve));
});

test('a file that is sent twice is sent by itself each time: one cancelled, the other arrives', async () => {
  const page = await open('/ingest');
  await page.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page);
  const held: (() => void)[] = [];
  let holding = true;
  await page.route('**/uploads/*', async (route) => {
    if (holding && route.request().method() === 'PATCH') {
      await new Promise<void>((resolve) => held.push(resolve));
    }
    await route.continue().catch(() => {}); // one was cancelled meanwhile
  });
  const clip = makeClip(join(folder, 'twice.mp4'), { colour: 'orange' });
  const onTheirWay = page.getByRole('region', { name: 'On their way' });
  await choose(page, clip);
  await expect.poll(() => held.length).toBe(1);
  await choose(page, clip);
  await expect.poll(() => held.length).toBe(2);
  await onTheirWay.getByRole('button', { name: 'Cancel twice.mp4' }).last().click();
  await expect.poll(() => onTheirWay.getByRole('listitem').count()).toBe(1);
  holding = false;
  for (const go of held) go();
  await row(page, 'twice').getByText('Can be searched').waitFor();
});

test('a line that breaks between a file and its ingestion does no harm', async () => {
  const page = await open('/ingest');
  await page.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page);
  let broken = 0;
  await page.route('**/graphql', (route) => {
    if (broken > 0 || !route.request().postData()?.includes('mutation IngestVideo')) return route.continue();
    broken++;
    return route.abort();
  });
  await choose(page, makeClip(join(folder, 'broken line.mp4'), { colour: 'purple' }));
  await row(page, 'broken line').getByText('Can be searched').waitFor();
  expect(broken).toBe(1);
});

test('a lost connection is told; when the server is back the page goes on, and so does what was being sent', async () => {
  const page = await open('/ingest');
  await page.getByRole('button', { name: 'Give the token' }).click();
  await giveToken(page);
  await page.getByText('You may change this library.').waitFor();
  const { dataDir, token } = app;
  const { port } = new URL(app.url);
  await app.close();
  await page.getByText('The server does not answer.').waitFor();
  await choose(page, makeClip(join(folder, 'patient.mp4'), { colour: 'green' }));
  await page.getByText('goes on when the server is back').waitFor();

  app = await startApp({ DATA_DIR: dataDir, PORT: port, ADMIN_TOKEN: token });
  await page.getByText('The server does not answer.').waitFor({ state: 'detached' });
  await row(page, 'patient').getByText('Can be searched').waitFor();
  await page.getByRole('link', { name: 'Library' }).click();
  await page.locator('.card', { hasText: 'patient' }).waitFor();
});

test('the empty library and a full list of ingestions pass axe', async () => {
  await app.remove();
  app = await startApp({ MAX_FILE_SIZE: '2K' });
  const opened = await openPage(browser, app.url, { bypassCSP: true });
  await opened.page.goto('/');
  await opened.page.getByRole('heading', { name: 'There are no videos yet' }).waitFor();
  expect(await violations(opened.page)).toEqual([]);
  await writeFile(join(folder, 'no.mp4'), 'no video');
  const large = join(folder, 'large.mp4');
  await writeFile(large, Buffer.alloc(3000));
  await choose(opened.page, [join(folder, 'no.mp4'), large]);
  await giveToken(opened.page);
  await row(opened.page, 'no.mp4').getByText('Failed').waitFor();
  await row(opened.page, 'large.mp4').getByText('larger than the server takes').waitFor();
  expect(await violations(opened.page)).toEqual([]);
});
