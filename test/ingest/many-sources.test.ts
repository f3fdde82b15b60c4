import { randomUUID } from 'node:crypto';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ClipqlError } from '#src/errors.js';
import { createIngest, type Ingest } from '#src/ingest/ingest.js';
import type { Ingestion } from '#src/store/types.js';
import { type Library, openLibrary } from '../open-library.js';
import { ingestParts } from './ingest-parts.js';
import { makeVideo } from './make-video.js';
import { ingestionIs } from './until.js';

let library: Library;
let media: string;
let ingest: Ingest;
let site: Server;
let origin: string;
let hue = 0;
/** What the site answers with, by path; a number is a status. */
const pages = new Map<string, Buffer | number>();

function newFile(name: string, seconds = 2): Promise<string> {
  hue += 5;
  return makeVideo(join(media, name), seconds, hue);
}
const ended = (id: string) => ingestionIs(library.store, id);
const idsIn = async () =>
  (await library.store.ingestions.page({ first: 100 })).edges.map(({ node }) => node.id);

beforeAll(async () => {
  library = await openLibrary();
  media = await mkdtemp(join(tmpdir(), 'clipql-media-'));
  site = createServer((request, response) => {
    const page = pages.get(new URL(request.url ?? '', 'http://site').pathname) ?? 404;
    if (typeof page === 'number') response.writeHead(page).end();
    else response.end(page);
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(site.address() as AddressInfo).port}`;
  origin = `http://${host}`;
  ingest = createIngest(ingestParts(library, media, [host]));
  ingest.start();
});

afterAll(async () => {
  await ingest.stop();
  site.closeAllConnections();
  site.close();
  await library.close();
  await rm(media, { recursive: true });
});

test('each source of a batch gets an ingestion or an error, in their order', async () => {
  const path = await newFile('batch.mp4');
  const results = await ingest.enqueueAll([
    { path, title: 'Good' },
    { path: '/etc/passwd' },
    { url: 'file:///etc/passwd' },
    { path: await newFile('batch-2.mp4'), tags: ['t'] },
    {},
  ]);
  const told = results.map((one) => (one instanceof ClipqlError ? one.code : one.source.name));
  expect(told).toEqual([
    'batch.mp4',
    'SOURCE_NOT_ALLOWED',
    expect.stringMatching(/BAD_USER_INPUT|SOURCE_NOT_ALLOWED/),
    'batch-2.mp4',
    'BAD_USER_INPUT',
  ]);
  for (const one of results) {
    if (one instanceof ClipqlError) continue;
    expect(await ended(one.id)).toMatchObject({ state: 'SUCCEEDED' });
  }
});

test('a folder gives what is new in it, again and again', async () => {
  const folder = join(media, 'a folder');
  await mkdir(join(folder, 'deep\ner'), { recursive: true });
  const first = await newFile('a folder/1 ü.mp4');
  await newFile('a folder/deep\ner/2.MKV');
  await writeFile(join(folder, 'notes.txt'), 'No video.');
  await writeFile(join(folder, 'broken.mp4'), 'No video either.');
  await symlink('/etc', join(folder, 'out'));
  const whole = { path: folder, recursive: true, include: [], exclude: [] };
  const before = new Set(await idsIn());

  const found = await ingest.enqueueFolder({ ...whole, tags: ['archive'] });
  expect(found).toEqual({ found: 3, queued: 3, known: 0, skipped: ['out'] });
  const fresh = (await idsIn()).filter((id) => !before.has(id));
  const all = await Promise.all(fresh.map(ended));
  expect(all.map(({ source, state, error }) => [source.name, state, error?.code]).sort()).toEqual([
    ['1 ü.mp4', 'SUCCEEDED', undefined],
    ['broken.mp4', 'FAILED', 'NOT_A_VIDEO'],
    ['deep\ner/2.MKV', 'SUCCEEDED', undefined],
  ]);
  expect(await ingest.enqueueFolder(whole)).toMatchObject({ found: 3, queued: 0, known: 3 });

  await newFile('a folder/3.mp4');
  await utimes(first, 1e9, 1e9); // changed since
  expect(await ingest.enqueueFolder(whole)).toMatchObject({ found: 4, queued: 2, known: 2 });
  const top = { ...whole, recursive: false, exclude: ['3.*'] };
  expect(await ingest.enqueueFolder(top)).toMatchObject({ found: 2, queued: 0 });
  for (const id of await idsIn()) await ended(id);

  const videos = await library.store.videos.page({ first: 100, filter: { tags: ['archive'] } });
  expect(videos.edges).toHaveLength(2);
  await expect(ingest.enqueueFolder({ ...whole, path: '/etc' })).rejects.toMatchObject({
    code: 'SOURCE_NOT_ALLOWED',
  });
  await expect(
    ingest.enqueueFolder({ ...whole, include: ['*.nothing'], exclude: ['out'] }),
  ).rejects.toMatchObject({
    code: 'SOURCE_NOT_FOUND',
  });
});

test('what a URL holds is kept, searched and removed like an upload', async () => {
  const { store } = library;
  pages.set('/films/A%20day.mp4', await readFile(await newFile('day.mp4')));
  const { id } = await ingest.enqueue({ url: `${origin}/films/A%20day.mp4?key=secret#t=1`, tags: ['web'] });
  const ingestion = await ended(id);
  expect(ingestion).toMatchObject({ state: 'SUCCEEDED', attempts: 1, source: { kind: 'URL' } });
  expect(ingestion.source.name).not.toContain('secret');
  const video = await store.videos.get(ingestion.videoId as string);
  expect(video).toMatchObject({ title: 'A day', tags: ['web'], searchable: true });
  await expect.poll(() => readdir(join(library.dataDir, 'downloads'))).toEqual([]);
  expect(video && (await store.videos.sourcePath(video))).toBe(store.media.path(video?.sha256 ?? ''));

  const path = join(media, 'copy.mp4');
  await copyFile(store.media.path(video?.sha256 ?? ''), path);
  const again = await ingest.enqueue({ path });
  expect(await ended(again.id)).toMatchObject({ duplicate: true, videoId: video?.id });
  await ingest.deleteVideo(video?.id ?? '');
  expect(await readdir(join(library.dataDir, 'media'))).toEqual([]);
});

test('a site that does not answer is asked again later; what it does not have fails at once', async () => {
  pages.set('/busy.mp4', 503);
  const busy = await ingest.enqueue({ url: `${origin}/busy.mp4` });
  const waits = await ingestionIs(library.store, busy.id, ({ retryAt }) => retryAt !== null);
  expect(waits).toMatchObject({ state: 'QUEUED', error: null, attempts: 1 });
  expect(waits.errors).toMatchObject([{ code: 'SOURCE_UNREACHABLE', attempt: 1, retryable: true }]);
  pages.set('/busy.mp4', await readFile(await newFile('busy.mp4')));
  await ingest.retry(busy.id); // an admin need not wait
  expect(await ended(busy.id)).toMatchObject({ state: 'SUCCEEDED', attempts: 2 });

  const missing = await ingest.enqueue({ url: `${origin}/missing.mp4` });
  expect(await ended(missing.id)).toMatchObject({
    ...{ state: 'FAILED', error: { code: 'SOURCE_NOT_FOUND', retryable: false }, videoId: null },
  });
  pages.set('/text.mp4', Buffer.from('This is no video.'));
  const text = await ingest.enqueue({ url: `${origin}/text.mp4` });
  expect(await ended(text.id)).toMatchObject({ state: 'FAILED', error: { code: 'NOT_A_VIDEO' } });
  await expect.poll(() => readdir(join(library.dataDir, 'downloads'))).toEqual([]);
});

test('a known video keeps its clips, and the ingestion says so', async () => {
  const path = await newFile('known.mp4');
  const given = { clipSeconds: 0.5, overlap: 0, scenes: false };
  const first = await ended((await ingest.enqueue({ path, segmentation: given })).id);
  expect(await library.store.videos.get(first.videoId as string)).toMatchObject({ segmentation: given });
  const codes = async (segmentation: object | null) => {
    const { id } = await ingest.enqueue({ path, segmentation });
    const { warnings, videoId, duplicate } = await ended(id);
    expect([videoId, duplicate]).toEqual([first.videoId, true]);
    return warnings.map(({ code }) => code);
  };
  expect(await codes({ clipSeconds: 1 })).toEqual(['SEGMENTATION_KEPT']);
  expect(await codes({ clipSeconds: 0.5 })).toEqual([]);
  expect(await codes(null)).toEqual([]);
  const bad = [{ clipSeconds: 0 }, { clipSeconds: Number.NaN }, { overlap: 1 }, { overlap: -0.1 }];
  for (const segmentation of bad) {
    await expect(ingest.enqueue({ path, segmentation })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  }
});

test('two at the same moment with the same bytes become one video, without much waiting', async () => {
  const path = await newFile('twin.mp4', 100);
  const copies = await Promise.all(
    [1, 2, 3].map(async (i) => {
      const copy = join(media, `twin-${i}-${randomUUID()}.mp4`);
      await copyFile(path, copy);
      return ingest.enqueue({ path: copy });
    }),
  );
  const all: Ingestion[] = await Promise.all(copies.map(({ id }) => ended(id)));
  expect(new Set(all.map(({ videoId }) => videoId)).size).toBe(1);
  expect(all.map(({ duplicate }) => duplicate).sort()).toEqual([false, true, true]);
});
