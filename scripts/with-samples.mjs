// For scripts that look at the page: a whole server with the samples, and a Chromium.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { createApp } from '../dist/app.js';
import { readSettings } from '../dist/config.js';

/**
 * Runs `look` with a server whose samples are ingested, and a browser; both are gone afterwards.
 * @param {(app: {url: string, dataDir: string, ask: (query: string) => Promise<any>}, browser: import('playwright-core').Browser) => Promise<void>} look
 */
export async function withSamples(look) {
  const dataDir = await mkdtemp(join(tmpdir(), 'clipql-look-'));
  const settings = readSettings({ PORT: '0', DATA_DIR: dataDir, MODEL: 'bundled', LOG_LEVEL: 'error' });
  const app = await createApp(settings, () => {});
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-proxy-server'],
  });
  const ask = async (query) => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return (await response.json()).data;
  };
  try {
    for (;;) {
      const { queued, running } = (await ask('{ ingestions { counts { queued running } } }')).ingestions
        .counts;
      if (queued + running === 0) break;
      await wait(200);
    }
    await look({ url: app.url, dataDir, ask }, browser);
  } finally {
    await browser.close();
    await app.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** The id of the sample whose title begins so. */
export async function sampleId(ask, title) {
  const { videos } = await ask(
    `{ videos(first: 1, filter: {title: ${JSON.stringify(title)}}) { edges { node { id } } } }`,
  );
  return videos.edges[0].node.id;
}
