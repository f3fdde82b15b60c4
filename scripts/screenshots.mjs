// Makes the README's pictures of the page: node scripts/screenshots.mjs
// All views, light and dark, on a screen and a phone: node scripts/screenshots.mjs FOLDER
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { sampleId, withSamples } from './with-samples.mjs';

const DOCS = fileURLToPath(new URL('../docs/', import.meta.url));
const SCREEN = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const STORY = 'a black ring moving up';

const [folder] = process.argv.slice(2);

await withSamples(async (app, browser) => {
  const story = `/videos/${await sampleId(app.ask, STORY)}`;
  const token = (await readFile(join(app.dataDir, 'admin-token'), 'utf8')).trim();

  const views = {
    library: { path: '/', ready: (page) => page.locator('.card').nth(11).waitFor() },
    hover: {
      path: '/',
      ready: async (page) => {
        await page
          .locator('.poster')
          .nth(3)
          .hover({ position: { x: 150, y: 60 } });
        await page.locator('.poster-frame').waitFor();
      },
    },
    search: {
      path: '/?q=something+red',
      ready: (page) => page.locator('.receipt').waitFor(),
    },
    sequence: {
      path: '/?q=a+black+ring&next=a+red+triangle',
      ready: (page) => page.locator('.receipt').waitFor(),
    },
    nothing: { path: '/?q=playing+football', ready: (page) => page.locator('.receipt').waitFor() },
    video: {
      path: `${story}?t=12&q=a+white+square`,
      ready: async (page) => {
        await page
          .getByLabel(/^Labels: press Enter/)
          .fill('a black ring, a white square, a red triangle, a dog,');
        await page.getByText('Over time').waitFor();
        await page.locator('.frames img').evaluate((image) => image.decode());
        await page.locator('video').evaluate((video) => video.pause());
      },
    },
    token: {
      path: '/ingest',
      ready: (page) => page.getByRole('button', { name: 'Give the token' }).click(),
    },
    ingest: {
      path: '/ingest',
      token,
      ready: async (page) => {
        await page.getByText('You may change this library.').waitFor();
        const letter = {
          name: 'letter.mp4',
          mimeType: 'video/mp4',
          buffer: Buffer.from('Dear Sir or Madam'),
        };
        await page.getByLabel(/Drop videos or folders here/).setInputFiles(letter);
        await page.getByText('NOT_A_VIDEO').first().waitFor();
      },
    },
    model: {
      path: '/model',
      ready: (page) => page.getByText('Get a model that knows real videos').waitFor(),
    },
  };

  const look = async (name, options) => {
    const { path, ready, token: session } = views[name];
    const context = await browser.newContext({ baseURL: app.url, reducedMotion: 'reduce', ...options });
    if (session)
      await context.addInitScript((value) => sessionStorage.setItem('clipql-token', value), session);
    const page = await context.newPage();
    await page.goto(path);
    await ready(page);
    await page.waitForLoadState('networkidle');
    const picture = await page.screenshot();
    await context.close();
    return picture;
  };

  if (!folder) {
    for (const [name, file] of Object.entries({ search: 'page-search.webp', video: 'page-video.webp' })) {
      const viewport = { width: SCREEN.width, height: name === 'video' ? 1000 : SCREEN.height };
      await sharp(await look(name, { viewport }))
        .webp({ quality: 82 })
        .toFile(join(DOCS, file));
    }
    return;
  }
  await mkdir(folder, { recursive: true });
  for (const name of Object.keys(views)) {
    for (const colorScheme of ['light', 'dark']) {
      await writeFile(
        join(folder, `${name}-${colorScheme}.png`),
        await look(name, { viewport: SCREEN, colorScheme }),
      );
    }
    await writeFile(join(folder, `${name}-phone.png`), await look(name, { viewport: PHONE, hasTouch: true }));
  }
});
