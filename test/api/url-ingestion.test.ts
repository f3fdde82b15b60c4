import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const STAND_IN = fileURLToPath(new URL('../media/download/stand-in-yt-dlp.mjs', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'clipql-site-'));
let site: Server;
let origin: string;
let app: TestApp;

beforeAll(async () => {
  const clips = {
    '/A%20clip.mp4': readFileSync(makeClip(join(folder, 'a.mp4'), { colour: 'red' })),
    '/page.mp4': readFileSync(makeClip(join(folder, 'b.mp4'), { colour: 'blue' })),
    '/sign-in': Buffer.from('<!doctype html><title>Sign in</title>'),
  };
  site = createServer((request, response) => {
    const bytes = Object.entries(clips).find(([path]) => request.url?.startsWith(path))?.[1];
    if (bytes) response.end(bytes);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(site.address() as AddressInfo).port}`;
  origin = `http://${host}`;
  app = await startApp({
    URL_HOSTS: host,
    YTDLP_PATH: STAND_IN,
    YTDLP_HOSTS: 'site.example',
    MAX_FILE_SIZE: '1M',
  });
});

afterAll(async () => {
  await app?.remove();
  site.closeAllConnections();
  site.close();
  rmSync(folder, { recursive: true });
});

test('a file on the web becomes a video; its secrets are not shown', async () => {
  const url = `${origin.replace('//', '//user:secret@')}/A%20clip.mp4?signature=secret`;
  expect(await app.ingest({ url })).toMatchObject({
    state: 'SUCCEEDED',
    source: { kind: 'URL', name: `${origin}/A%20clip.mp4` },
    video: { title: 'A clip', searchable: true },
  });
});

test('a page of a video site becomes a video with the title and the metadata of the site', async () => {
  const url = `https://www.site.example/fetch?at=${origin}/page.mp4`;
  const { video } = await app.ingest({ url, metadata: { mine: 1 } });
  expect(video).toMatchObject({ title: 'A / film', searchable: true });
  const { data } = await app.ask('query ($id: ID!) { video(id: $id) { metadata mediaUrl } }', {
    id: video.id,
  });
  expect(data.video.metadata).toEqual({
    ...{ mine: 1, site: 'StandIn', id: 'abc', uploader: 'Somebody', url },
  });
  const media = await fetch(new URL(data.video.mediaUrl, app.url));
  expect(Buffer.from(await media.arrayBuffer()).equals(readFileSync(join(folder, 'b.mp4')))).toBe(true);
});

test.each([
  ['/sign-in', 'NOT_A_VIDEO'],
  ['/nothing.mp4', 'SOURCE_NOT_FOUND'],
])('%s fails with %s', async (path, code) => {
  expect(await app.ingest({ url: origin + path })).toMatchObject({
    state: 'FAILED',
    attempts: 1,
    error: { code, retryable: false },
    video: null,
  });
});

test.each([
  ['http://127.0.0.1:9/x.mp4', 'SOURCE_NOT_ALLOWED'],
  ['http://elsewhere.example/x.mp4', 'SOURCE_NOT_ALLOWED'],
  ['file:///etc/passwd', 'BAD_USER_INPUT'],
])('%s is refused at once with %s', async (url, code) => {
  const { errors } = await app.ask(
    'mutation ($input: IngestVideoInput!) { ingestVideo(input: $input) { id } }',
    { input: { url } },
  );
  expect(errors?.[0]?.extensions.code).toBe(code);
});

test('an upload is bounded alike', async () => {
  const create = (bytes: number) =>
    fetch(`${app.url}/uploads`, {
      method: 'POST',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-length': `${bytes}`,
        authorization: `Bearer ${app.token}`,
      },
    });
  expect((await create(1024 ** 2)).status).toBe(201);
  expect((await create(1024 ** 2 + 1)).status).toBe(413);
});

test('a missing yt-dlp is told at start', async () => {
  const starting = startApp({ YTDLP_PATH: join(folder, 'nothing') });
  await expect(starting).rejects.toThrow(/yt-dlp could not be run.*Install/);
});
