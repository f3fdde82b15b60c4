import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { startWithSamples, type TestApp } from '../start-app.ts';
import { openBrowser, openPage, violations } from './browser.ts';

const STORY = 'a black ring moving up, then a white square shrinking, then a red triangle spinning';

let media: string;
let app: TestApp;
let ids: Map<string, string>;
let browser: Browser;
let complaints: string[] = [];

beforeAll(async () => {
  media = await mkdtemp(join(tmpdir(), 'clipql-page-'));
  [{ app, ids }, browser] = await Promise.all([startWithSamples({ MEDIA_DIRS: media }), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await app.remove();
  await rm(media, { recursive: true });
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  expect(complaints).toEqual([]);
});

async function open(path: string, options: Parameters<typeof openPage>[2] = {}): Promise<Page> {
  const opened = await openPage(browser, app.url, options);
  complaints = opened.complaints;
  await opened.page.goto(path);
  return opened.page;
}

type Box = { x: number; y: number; width: number; height: number };

const search = (page: Page) => page.getByRole('searchbox', { name: 'What happens in the video' });
const found = (page: Page) => page.getByRole('list', { name: 'Videos found' }).locator('.card-title');

test('the library shows all videos, more of them while one scrolls, and says which model this is', async () => {
  const page = await open('/');
  const cards = page.getByRole('list', { name: 'Videos' }).locator('.card');
  await cards.first().waitFor();
  expect(await page.title()).toBe('Library · ClipQL');
  await page.mouse.wheel(0, 20_000);
  await cards.nth(ids.size - 1).waitFor();
  expect(await cards.count()).toBe(ids.size);
  await page.getByText('This is the small bundled model').waitFor();
});

test('going back leads to where one was, however far down the library', async () => {
  const page = await open('/');
  const cards = page.getByRole('list', { name: 'Videos' }).locator('.card');
  await cards.first().waitFor();
  await page.mouse.wheel(0, 20_000);
  await cards.nth(ids.size - 1).waitFor();
  await page.mouse.wheel(0, 20_000);
  const at = () => page.evaluate(() => scrollY);
  const bottom = () => page.evaluate(() => document.documentElement.scrollHeight - innerHeight);
  await expect.poll(async () => (await at()) - (await bottom())).toBe(0);
  const left = await at();

  await cards.last().getByRole('link').first().click();
  await page.locator('video').waitFor();
  expect(await at()).toBe(0);
  await page.goBack();
  await expect.poll(at).toBe(left);
  await page.reload();
  await expect.poll(at).toBe(left);
  await page.getByRole('link', { name: 'Model' }).click();
  await expect.poll(at).toBe(0);
  await page.getByRole('link', { name: 'Library' }).click();
  await cards.first().waitFor();
  expect(await at()).toBe(0);
});

test('new videos come where one looks at the top, and do not move what one looks at further down', async () => {
  const page = await open('/');
  const cards = page.getByRole('list', { name: 'Videos' }).locator('.card');
  await cards.first().waitFor();
  await page.evaluate(() => {
    const ask = globalThis.fetch;
    const asked: string[] = [];
    Object.assign(globalThis, {
      asked,
      fetch: (...given: Parameters<typeof fetch>) => {
        if (`${given[1]?.body}`.includes('query Library'))
          asked.push(scrollY < innerHeight ? 'top' : 'below');
        return ask(...given);
      },
    });
  });
  const asked = () => page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked);
  await page.mouse.wheel(0, 20_000);
  await cards.nth(ids.size - 1).waitFor();
  await page.mouse.wheel(0, 20_000);
  const before = await asked();
  const added: string[] = [];
  for (const [i, name] of ['one', 'two', 'three'].entries()) {
    const path = makeClip(join(media, `${name}.mp4`), { seconds: 300 + i });
    added.push((await app.ingest({ path, title: name })).video.id);
  }
  expect(await asked()).toEqual(before);
  await page.mouse.wheel(0, -40_000);
  await cards.first().getByText('three', { exact: true }).waitFor();
  for (const id of added) await app.ask('mutation ($id: ID!) { deleteVideo(id: $id) }', { id });
});

test('a poster runs through the frames of the video under the pointer', async () => {
  const page = await open('/');
  const poster = page.locator('.card', { hasText: 'A red circle moving left' }).first().locator('.poster');
  const box = (await poster.boundingBox()) as { x: number; y: number; width: number; height: number };
  const at = async (share: number) => {
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
    const sheet = poster.locator('.poster-frame img');
    await expect
      .poll(() => sheet.evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0);
    return sheet.evaluate((image) => [(image as HTMLElement).style.left, (image as HTMLElement).style.top]);
  };
  // 8 frames in one row: the first, the fifth, the last.
  expect([await at(0.01), await at(0.51), await at(0.99)]).toEqual([
    ['0%', '0%'],
    ['-400%', '0%'],
    ['-700%', '0%'],
  ]);
  await page.mouse.move(0, 0);
  await poster.locator('.poster-frame').waitFor({ state: 'detached' });
});

test('it searches as one types, and the address carries the question', async () => {
  const page = await open('/');
  await search(page).pressSequentially('a yellow triangle moving left', { delay: 10 });
  await found(page).getByText('A yellow triangle moving left', { exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get('q')).toBe('a yellow triangle moving left');
  await page.getByText(/\d+ ms/).waitFor();
  await page.getByRole('link', { name: 'clipql-shapes' }).waitFor();

  await page.getByRole('button', { name: 'Was anything missed?' }).click();
  await page.getByText('Scoring every clip exactly agrees by 100 %').waitFor();

  const other = await open(new URL(page.url()).search ? page.url() : '/');
  await found(other).getByText('A yellow triangle moving left', { exact: true }).waitFor();

  await page.goBack(); // the whole search is one step
  await page.getByRole('list', { name: 'Videos', exact: true }).waitFor();
  expect(await search(page).inputValue()).toBe('');
});

test('a search that another one overtakes is cancelled', async () => {
  const page = await open('/');
  const asked: string[] = [];
  const cancelled: string[] = [];
  const textOf = (body: string | null) => JSON.parse(body ?? '{}').variables?.text;
  await page.route('**/graphql', async (route) => {
    const text = textOf(route.request().postData());
    if (text) asked.push(text);
    if (text === 'something red') return; // an answer that does not come
    await route.continue();
  });
  page.on('requestfailed', (request) => cancelled.push(textOf(request.postData())));
  await search(page).fill('something red');
  await expect.poll(() => asked).toContain('something red');
  await search(page).fill('a purple ring shrinking');
  await found(page).getByText('A purple ring shrinking', { exact: true }).waitFor();
  expect(cancelled).toContain('something red');
  complaints.length = 0; // the browser tells of the cancelled request
});

test('nothing relevant says so, and offers the nearest', async () => {
  const page = await open('/?q=playing+football');
  await page.getByText('Nothing in the library is about that.').waitFor();
  await page.getByRole('button', { name: 'Show the nearest anyway' }).click();
  await found(page).nth(19).waitFor();
  expect(page.url()).toContain('nearest');
  await page.getByRole('button', { name: 'Only what is relevant' }).click();
  await page.getByText('Nothing in the library is about that.').waitFor();
});

test('what follows, what must not be and filters narrow a search down', async () => {
  const page = await open('/?q=a+black+ring');
  await page.getByText('Narrow it down').click();
  await page.getByLabel('Followed by').fill('a red triangle');
  await page.getByRole('list', { name: 'Moments' }).getByText('a red triangle').waitFor();
  expect(await found(page).count()).toBe(1);
  await page.getByLabel('At most, seconds').fill('10');
  await page.getByText('Nothing in the library is about that.').waitFor();
  await page.getByRole('button', { name: 'Clear these' }).click();
  await page.getByLabel('But not').fill('a black ring');
  await page.getByText('Nothing in the library is about that.').waitFor();
  await search(page).fill('');
  await page.getByText('say above what to look for').waitFor();
});

test('a click on a moment plays the video there', async () => {
  const page = await open('/?q=a+red+triangle+spinning');
  const story = page.locator('.card', { hasText: 'A black ring moving up' });
  await story.getByRole('link', { name: /^Play 0:20/ }).click();
  const player = page.locator('video');
  await expect.poll(() => player.evaluate((video) => (video as HTMLVideoElement).paused)).toBe(false);
  expect(await player.evaluate((video) => (video as HTMLVideoElement).currentTime)).toBeGreaterThanOrEqual(
    20,
  );
  // What was searched for is asked of the video.
  await page.getByText(/Best: 0:20–0:30, .*% relevant/).waitFor();
});

test('anything can be asked of a video; a click on the curve goes there', async () => {
  const page = await open(`/videos/${ids.get(STORY)}`);
  await page.getByRole('searchbox', { name: 'What to look for in this video' }).fill('a white square');
  await page.getByText(/Best: 0:10–0:20/).waitFor();
  await page.getByRole('button', { name: 'Play it' }).click();
  const time = () => page.locator('video').evaluate((video) => (video as HTMLVideoElement).currentTime);
  await expect.poll(time).toBeGreaterThanOrEqual(10);

  const curve = page.getByRole('slider', { name: 'How relevant each clip is to a white square' });
  await expect.poll(() => curve.getAttribute('aria-valuetext')).toMatch(/^0:10–0:20, (>\s)?\d+\s% relevant$/);
  await curve.focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(time).toBeGreaterThanOrEqual(20);
  await page.getByAltText('The 8 frames the model saw of 0:20–0:30').waitFor();

  await page.getByRole('searchbox', { name: 'What to look for in this video' }).fill('playing football');
  await page.getByText(/It does not seem to be there/).waitFor();
  // What is asked, and where one is, can be shared.
  await expect.poll(() => new URL(page.url()).search).toBe('?t=20.00&q=playing+football');
});

test('a place that is none is the beginning', async () => {
  const page = await open(`/videos/${ids.get(STORY)}?t=Infinity`);
  await page.getByAltText('The 8 frames the model saw of 0:00–0:10').waitFor();
});

test('a finger that scrolls over the timeline or the frames moves the page alone; a tap plays', async () => {
  const page = await open(`/videos/${ids.get(STORY)}`, {
    viewport: { width: 390, height: 740 },
    hasTouch: true,
  });
  const time = () => page.locator('video').evaluate((video) => (video as HTMLVideoElement).currentTime);
  const devtools = await page.context().newCDPSession(page);
  for (const what of [page.locator('.timeline').first(), page.locator('.frames img')]) {
    await what.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await what.boundingBox()) as Box;
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', places: number[]) =>
      devtools.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: places.map((place) => ({ x: x + width * 0.8, y: place })),
      });
    const from = y + height / 2;
    const before = await page.evaluate(() => scrollY);
    await touch('touchStart', [from]);
    for (let up = 10; up <= 200; up += 10) await touch('touchMove', [from - up]);
    await touch('touchEnd', []);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(before);
    expect(await time()).toBe(0);
    await page.evaluate(() => scrollTo(0, 0));
  }
  await page.locator('.timeline').first().tap();
  await expect.poll(time).toBeGreaterThanOrEqual(15);
});

test('a video is classified against labels as they are typed, over time too, and against a set', async () => {
  const page = await open(`/videos/${ids.get(STORY)}`);
  const labels = page.getByLabel(/^Labels: press Enter/);
  await labels.fill('a black ring');
  await labels.press('Enter');
  await page.getByRole('rowheader', { name: 'a black ring' }).waitFor();
  await labels.fill('a white square, a red triangle, a dog,');
  await expect.poll(() => page.locator('.scores tbody tr').count()).toBe(5);
  const { data } = await app.ask(
    `query ($id: ID!) { classifyVideo(id: $id, labels: ["a black ring", "a white square", "a red triangle", "a dog"]) {
       labels { label probability } } }`,
    { id: ids.get(STORY) },
  );
  const rows = await page.locator('.scores tbody tr th').allInnerTexts();
  expect(rows.map((row) => row.trim())).toEqual([
    ...data.classifyVideo.labels.map(({ label }: { label: string }) => label),
    'none of these',
  ]);
  const timeline = page.getByRole('slider', { name: 'The most probable label of each clip' });
  await timeline.focus();
  await page.keyboard.press('End');
  await expect.poll(() => timeline.getAttribute('aria-valuetext')).toMatch(/^0:20–0:30, a red triangle, /);

  await page.getByRole('button', { name: 'Remove a dog' }).press('Enter');
  await expect.poll(() => page.locator('.scores tbody tr').count()).toBe(4);
  // The next Tab goes on from there.
  const focused = () =>
    page.evaluate(() => document.querySelector('.chips')?.contains(document.activeElement) ?? false);
  await expect.poll(focused).toBe(true);

  await page.getByRole('button', { name: 'Remove all' }).click();
  await labels.evaluate((field) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', 'a red circle\nrings, crosses\r\na star\n');
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await expect.poll(() => page.getByRole('list', { name: 'Labels so far' }).locator('li').count()).toBe(4);

  await page
    .getByLabel('Or take a label set')
    .selectOption({ label: 'Programming, spaghetti, football (3)' });
  await page.getByRole('rowheader', { name: 'eating spaghetti' }).waitFor();
});

test('labels are kept as a set, taken for another video, and the set is removed', async () => {
  const page = await open(`/videos/${ids.get(STORY)}`);
  await page.getByLabel(/^Labels: press Enter/).fill('a black ring, a white square,');
  await page.getByText('Keep these labels as a set').click();
  await page.getByLabel('Its name').fill('Rings and squares');
  await page.getByRole('button', { name: 'Keep them' }).click();
  await page.getByLabel('Token', { exact: true }).fill(app.token);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Keep them' }).click();

  const sets = page.getByLabel('Or take a label set');
  const chosen = () => sets.evaluate((select) => (select as HTMLSelectElement).selectedOptions[0]?.text);
  await expect.poll(chosen).toBe('Rings and squares (2)');
  await page.getByRole('region', { name: 'Similar videos' }).getByRole('link').first().click();
  await sets.selectOption({ label: 'Rings and squares (2)' });
  await page.getByRole('rowheader', { name: 'a white square' }).waitFor();

  page.once('dialog', (dialog) => dialog.accept());
  await page.getByRole('button', { name: 'Remove this set' }).click();
  await expect.poll(chosen).toBe('None');
  await expect.poll(() => sets.locator('option').allInnerTexts()).not.toContain('Rings and squares (2)');
  complaints.length = 0; // the browser tells of the request without a token
});

test('the frames that the model saw play from where one clicks, and similar videos are offered', async () => {
  const page = await open(`/videos/${ids.get(STORY)}`);
  const sheet = page.getByAltText('The 8 frames the model saw of 0:00–0:10');
  await sheet.scrollIntoViewIfNeeded();
  const box = (await sheet.boundingBox()) as { width: number; height: number };
  await sheet.click({ position: { x: box.width * 0.95, y: box.height / 2 } });
  const time = () => page.locator('video').evaluate((video) => (video as HTMLVideoElement).currentTime);
  await expect.poll(time).toBeGreaterThanOrEqual((7.5 / 8) * 10 - 0.1);
  await expect
    .poll(() => page.getByRole('region', { name: 'Similar videos' }).locator('.card').count())
    .toBe(6);
});

test('a change of the title leaves tags with commas, and long words break', async () => {
  const id = ids.get('a red star blinking');
  const read = () =>
    app
      .ask('query ($id: ID!) { video(id: $id) { title tags metadata } }', { id })
      .then(({ data }) => data.video);
  const change = (input: object) =>
    app.ask('mutation ($id: ID!, $input: UpdateVideoInput!) { updateVideo(id: $id, input: $input) { id } }', {
      ...{ id, input },
    });
  const before = await read();
  await change({ tags: ['New York, NY', 'night'], metadata: { ['k'.repeat(200)]: 'v'.repeat(200) } });
  const page = await open('/ingest');
  await page.getByRole('button', { name: 'Give the token' }).click();
  await page.getByLabel('Token', { exact: true }).fill(app.token);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await page.goto(`/videos/${id}`);
  await page.getByText('Change or remove it').click();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
  await page.getByLabel('Title').fill('A star over the city');
  await page.getByLabel(/^Tags: press/).fill('stars');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'A star over the city', level: 1 }).waitFor();
  expect(await read()).toMatchObject({
    title: 'A star over the city',
    tags: ['New York, NY', 'night', 'stars'],
  });
  await change(before);
});

test('what a title or tag says is never markup', async () => {
  const id = ids.get('nothing');
  const title = '<img src=x onerror="document.title=1"><b>bold</b>';
  await app.ask(
    'mutation ($id: ID!, $input: UpdateVideoInput!) { updateVideo(id: $id, input: $input) { id } }',
    {
      id,
      input: { title, tags: ['<i>tag</i>'], metadata: { '<u>key</u>': '<script>1</script>' } },
    },
  );
  const page = await open(`/videos/${id}`);
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
  await page.getByText('<script>1</script>', { exact: true }).waitFor();
  expect(await page.locator('main b, main i, main u, main script').count()).toBe(0);
  const tag = page.getByRole('list', { name: 'Tags' }).getByRole('link', { name: '<i>tag</i>' });
  await tag.click();
  await expect.poll(() => page.locator('.card').count()).toBe(1);
});

test('the keyboard alone searches, plays a moment and classifies', async () => {
  const page = await open('/');
  const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  const tabTo = async (wanted: RegExp) => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      if (wanted.test(await focused())) return;
    }
    throw new Error(`Tab did not lead to ${wanted}.`);
  };
  await page.keyboard.press('Tab');
  expect(await focused()).toBe('To the content');
  await page.keyboard.press('Enter');
  while ((await page.evaluate(() => document.activeElement?.getAttribute('name'))) !== 'q') {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.type('a red star blinking');
  await found(page).getByText('A red star blinking', { exact: true }).waitFor();
  await tabTo(/^Play 0:00/);
  await page.keyboard.press('Enter');
  // The view that came is where the reader is.
  await expect.poll(focused).toBe('A red star blinking');
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    const label = () => (document.activeElement as HTMLInputElement | null)?.labels?.[0]?.textContent ?? '';
    if ((await page.evaluate(label)).startsWith('Labels')) break;
  }
  await page.keyboard.type('a red star');
  await page.keyboard.press('Enter');
  await page.keyboard.type('a blue square');
  await page.keyboard.press('Enter');
  await page.getByRole('rowheader', { name: 'a red star' }).waitFor();
});

test('the model view tells what the bundled model knows and how to get another', async () => {
  const page = await open('/model');
  await page.getByRole('heading', { name: 'clipql-shapes' }).waitFor();
  await page.getByText('Of real videos it knows nothing.').waitFor();
  await page.getByText('npx clipql model pull microsoft/xclip-base-patch16-zero-shot').waitFor();
  await page.getByText(`${ids.size} videos embedded with it, 100 % of the library`).waitFor();
});

test('an address that names nothing says so', async () => {
  const page = await open('/videos/00000000-0000-0000-0000-000000000000');
  await page.getByRole('heading', { name: 'There is no such video' }).waitFor();
  await page.goto('/nowhere/at/all');
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  expect(complaints.splice(0)).toEqual([expect.stringContaining('404')]);
});

const VIEWS: [name: string, path: () => string, ready: (page: Page) => Promise<unknown>][] = [
  ['library', () => '/', (page) => page.locator('.card img').first().waitFor()],
  ['results', () => '/?q=a+red+circle&not=a+blue+square', (page) => found(page).first().waitFor()],
  ['nothing', () => '/?q=playing+football', (page) => page.getByText('Nothing in').waitFor()],
  [
    'video',
    () => `/videos/${ids.get(STORY)}?q=a+white+square`,
    async (page) => {
      await page.getByLabel(/^Labels: press Enter/).fill('a black ring, a white square,');
      await page.getByText('Over time').waitFor();
      await page.getByText('Similar videos').waitFor();
    },
  ],
  ['ingest', () => '/ingest', (page) => page.getByText('Can be searched').first().waitFor()],
  ['token', () => '/ingest', (page) => page.getByRole('button', { name: 'Give the token' }).click()],
  ['model', () => '/model', (page) => page.getByText('Get a model that knows real videos').waitFor()],
];

for (const [name, path, ready] of VIEWS) {
  test.each(['light', 'dark'] as const)(`axe finds nothing wrong with ${name}, %s`, async (colorScheme) => {
    const page = await open(path(), { colorScheme, reducedMotion: 'reduce', bypassCSP: true });
    await ready(page);
    expect(await violations(page)).toEqual([]);
  });

  test(`${name} fits a phone, and nothing is out of reach`, async () => {
    const page = await open(path(), {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      bypassCSP: true,
    });
    await ready(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await violations(page)).toEqual([]);
  });
}
