import { randomUUID } from 'node:crypto';
import {
  access,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createIngest, type Ingest } from '#src/ingest/ingest.js';
import { classifyVideo } from '#src/search/classify/classify-video.js';
import { searchVideos } from '#src/search/search-videos.js';
import { type Library, openLibrary } from '../open-library.js';
import { ingestParts } from './ingest-parts.js';
import { makeVideo } from './make-video.js';
import { ingestionIs } from './until.js';

let library: Library;
let media: string;
let ingest: Ingest;
let hue = 0;

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
const start = () => createIngest(ingestParts(library, media));

beforeAll(async () => {
  library = await openLibrary();
  media = await mkdtemp(join(tmpdir(), 'clipql-media-'));
});

afterAll(async () => {
  await library.close();
  await rm(media, { recursive: true });
});

beforeEach(() => {
  ingest = start();
  ingest.start();
});

afterEach(() => ingest.stop());

/** A new file in the media folder, of bytes no other test has. */
function file(seconds = 2, name = `${randomUUID()}.mp4`): Promise<string> {
  hue += 3;
  return makeVideo(join(media, name), seconds, hue);
}

/** An upload as the upload route leaves it. */
async function upload(path: string, name: string): Promise<string> {
  const { uploads } = library.store;
  const id = randomUUID().replaceAll('-', '');
  await mkdir(uploads.folder, { recursive: true });
  await copyFile(path, join(uploads.folder, id));
  const { size } = await stat(path);
  await writeFile(
    join(uploads.folder, `${id}.json`),
    JSON.stringify({ id, size, offset: size, metadata: { filename: name } }),
  );
  await uploads.finish(id, { name, size });
  return id;
}

async function finished(input: Parameters<Ingest['enqueue']>[0]) {
  const { id } = await ingest.enqueue(input);
  return ingestionIs(library.store, id);
}

/** Every file of the library that belongs to a video or an upload, once the worker has put all in order. */
async function libraryFiles(): Promise<string[]> {
  await ingest.stop();
  ingest = start();
  ingest.start();
  const folders = ['media', 'features', 'pictures', 'uploads'];
  const files = await Promise.all(
    folders.map((folder) =>
      readdir(join(library.dataDir, folder), { recursive: true, withFileTypes: true }).catch(() => []),
    ),
  );
  return files
    .flat()
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

// First, while the library is new.
test('a new library takes the samples, under readable titles, and an old one does not', async () => {
  const { store } = library;
  const samples = await mkdtemp(join(tmpdir(), 'clipql-samples-'));
  await makeVideo(join(samples, 'red-circle_growing.mp4'), 1, 1);
  await makeVideo(join(samples, 'a-star.mp4'), 1, 2);
  await writeFile(join(samples, 'README.md'), 'No video.');
  expect(await ingest.enqueueSamples(samples)).toBe(2);
  expect(await ingest.enqueueSamples(samples)).toBe(0);
  const queued = (await store.ingestions.page({ first: 10 })).edges.map(({ node }) => node.id);
  const ended = await Promise.all(queued.map((id) => ingestionIs(store, id)));
  expect(ended.map(({ state }) => state)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  const videos = (await store.videos.page({ first: 10 })).edges.map(({ node }) => node);
  // Two at the same time: either may be done first.
  expect(videos.map((video) => video.title).sort()).toEqual(['A star', 'Red circle growing']);
  for (const video of videos) await ingest.deleteVideo(video.id);
  await rm(samples, { recursive: true });
});

test('a file in a media folder becomes a video that is found and classified', async () => {
  const { store, model } = library;
  const path = await file(32, 'Odd\nname – ü.v2.mp4');
  const before = await stat(path);
  const ingestion = await finished({ path, tags: ['b', ' a'], metadata: { camera: 1 } });
  expect(ingestion).toMatchObject({
    ...{ state: 'SUCCEEDED', duplicate: false, error: null, progress: 1, attempts: 1 },
    source: { kind: 'PATH', name: 'Odd\nname – ü.v2.mp4' },
  });
  const video = await store.videos.get(ingestion.videoId as string);
  expect(video).toMatchObject({
    title: 'Odd name – ü.v2',
    tags: ['b', 'a'],
    metadata: { camera: 1 },
    searchable: true,
  });
  expect(video).toMatchObject({ duration: 32, width: 160, height: 120, frameRate: 10 });

  const clips = await store.clips.of(ingestion.videoId as string, model.fingerprint);
  expect(clips.map(({ start, end }) => [start, end])).toEqual(
    [
      [0, 32 / 3],
      [32 / 3, 64 / 3],
      [64 / 3, 32],
    ].map((w) => w.map((s) => expect.closeTo(s, 9))),
  );
  for (const { embedding, background, backgroundHash } of clips) {
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
    expect(Number.isFinite(background)).toBe(true);
    expect(backgroundHash).toBe(model.backgroundHash);
  }
  const after = await stat(path);
  expect([after.size, after.mtimeMs, after.ino]).toEqual([before.size, before.mtimeMs, before.ino]);
  expect(await exists(store.media.path((video as { sha256: string }).sha256))).toBe(false);

  const found = await searchVideos(library, { text: 'a circle', first: 10, minRelevance: 0 });
  const edge = found.edges.find((edge) => edge.video.id === ingestion.videoId);
  const { labels } = await classifyVideo(library, {
    ...{
      id: ingestion.videoId as string,
      labels: ['a circle'],
      start: edge?.moments[0]?.start,
      end: edge?.moments[0]?.end,
    },
  });
  expect(edge?.score).toBeCloseTo(labels[0]?.logit as number, 3);
});

test('its pictures show the sampled frames', async () => {
  const { store, model } = library;
  const { videoId } = await finished({ path: await file(32) });
  const size = async (path: string) => {
    const { width, height, format } = await sharp(path).metadata();
    return { width, height, format };
  };
  const id = videoId as string;
  expect(await size(store.pictures.poster(id))).toEqual({ width: 160, height: 120, format: 'webp' });
  const rows = (frames: number) => ({ width: 160 * 8, height: 120 * Math.ceil(frames / 8), format: 'webp' });
  expect(await size(store.pictures.sheet({ id, edition: 0 }))).toEqual(rows(Math.min(32, 3 * model.frames)));
  for (const clip of [0, 1, 2])
    expect(await size(store.pictures.sheet({ id, edition: 0 }, clip))).toEqual(rows(model.frames));
});

test('an upload is moved into the library, not copied', async () => {
  const { store } = library;
  const path = await file();
  const uploadId = await upload(path, 'Beach.mov');
  const { videoId, source } = await finished({ uploadId });
  expect(source).toMatchObject({ kind: 'UPLOAD', name: 'Beach.mov' });
  const video = await store.videos.get(videoId as string);
  expect(video).toMatchObject({ title: 'Beach', source: { kind: 'UPLOAD' }, searchable: true });
  const kept = store.media.path((video as { sha256: string }).sha256);
  expect(await readFile(kept)).toEqual(await readFile(path));
  await expect.poll(async () => (await libraryFiles()).filter((name) => name.includes(uploadId))).toEqual([]);
});

test('the same bytes give the same video, and leave it as it was', async () => {
  const { store } = library;
  const path = await file();
  const first = await finished({ path, title: 'First', tags: ['one'] });
  const copy = join(media, `${randomUUID()}.mov`);
  await copyFile(path, copy);
  const files = await libraryFiles();
  const [second, third] = await Promise.all([
    finished({ path: copy, title: 'Second', tags: ['two'] }),
    finished({ uploadId: await upload(path, 'Third.mp4') }),
  ]);
  for (const again of [second, third]) {
    expect(again).toMatchObject({ state: 'SUCCEEDED', duplicate: true, videoId: first.videoId });
  }
  expect(await store.videos.get(first.videoId as string)).toMatchObject({ title: 'First', tags: ['one'] });
  await expect.poll(libraryFiles).toEqual(files);
});

test('a known video whose source is gone takes the newly given one', async () => {
  const { store } = library;
  const path = await file();
  const { videoId } = await finished({ path });
  const copy = join(media, `${randomUUID()}.mp4`);
  await copyFile(path, copy);
  await rm(path);
  expect(await finished({ path: copy })).toMatchObject({ duplicate: true, videoId });
  expect(await store.videos.get(videoId as string)).toMatchObject({ source: { kind: 'PATH', path: copy } });
});

test('what is no video fails, says why, and leaves nothing', async () => {
  const { store } = library;
  const text = join(media, 'text.mp4');
  await writeFile(text, 'This is no video.');
  const files = await libraryFiles();
  const videos = (await store.videos.page({ first: 100 })).edges.length;
  for (const input of [{ path: text }, { uploadId: await upload(text, 'text.mp4') }]) {
    expect(await finished(input)).toMatchObject({
      ...{ state: 'FAILED', videoId: null },
      error: { code: 'NOT_A_VIDEO', retryable: false, message: expect.not.stringContaining(media) },
    });
  }
  await expect.poll(libraryFiles).toEqual(files);
  expect((await store.videos.page({ first: 100 })).edges).toHaveLength(videos);
});

test('a file cut short becomes a video with a warning', async () => {
  const { store } = library;
  const path = await file(12);
  await truncate(path, Math.floor((await stat(path)).size * 0.6));
  const { videoId } = await finished({ path });
  const video = await store.videos.get(videoId as string);
  expect(video?.searchable).toBe(true);
  expect(video?.warnings.map((warning) => warning.code)).toContain('TRUNCATED');
});

test('a source that has gone since is said to be gone', async () => {
  const waiting = start();
  await ingest.stop();
  const path = await file();
  const { id } = await waiting.enqueue({ path });
  await rm(path);
  waiting.start();
  ingest = waiting;
  expect(await ingestionIs(library.store, id)).toMatchObject({
    state: 'FAILED',
    error: { code: 'SOURCE_GONE' },
  });
});

test('a file that changes while it is embedded is noticed, and leaves nothing', async () => {
  const { store } = library;
  const files = await libraryFiles();
  const path = await file(300);
  const { id } = await ingest.enqueue({ path });
  await ingestionIs(store, id, ({ stage, progress }) => stage === 'embed' && progress > 0.1);
  await utimes(path, 1, 1);
  expect(await ingestionIs(store, id)).toMatchObject({
    ...{ state: 'FAILED', videoId: null, error: { code: 'SOURCE_GONE', retryable: false } },
  });
  await expect.poll(libraryFiles).toEqual(files);
});

test('what cannot be queued is named at once', async () => {
  const { uploads } = library.store;
  const unfinished = join(uploads.folder, '0'.repeat(32));
  await mkdir(uploads.folder, { recursive: true });
  await writeFile(unfinished, 'abc');
  await writeFile(`${unfinished}.json`, JSON.stringify({ size: 10, offset: 3, metadata: {} }));
  const path = await file();
  const cases = [
    [{}, 'BAD_USER_INPUT'],
    [{ path, uploadId: 'x' }, 'BAD_USER_INPUT'],
    [{ path: '/etc/passwd' }, 'SOURCE_NOT_ALLOWED'],
    [{ path: join(media, 'nothing.mp4') }, 'SOURCE_NOT_FOUND'],
    [{ path, title: ' ' }, 'BAD_USER_INPUT'],
    [{ path, tags: [''] }, 'BAD_USER_INPUT'],
    [{ path, metadata: [] }, 'BAD_USER_INPUT'],
    [{ uploadId: 'unknown' }, 'SOURCE_NOT_FOUND'],
    [{ uploadId: '../../etc/passwd' }, 'SOURCE_NOT_FOUND'],
    [{ uploadId: '0'.repeat(32) }, 'UPLOAD_INCOMPLETE'],
  ] as const;
  for (const [input, code] of cases) {
    await expect(ingest.enqueue(input as object), JSON.stringify(input)).rejects.toMatchObject({ code });
  }
  await rm(unfinished);
  await rm(`${unfinished}.json`);
});

test('deleting a video that is being embedded stops it and leaves nothing', async () => {
  const { store } = library;
  const files = await libraryFiles();
  const { id } = await ingest.enqueue({ uploadId: await upload(await file(300), 'long.mp4') });
  const running = await ingestionIs(store, id, ({ progress }) => progress > 0.1);
  const began = performance.now();
  expect(await ingest.deleteVideo(running.videoId as string)).toBe(true);
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(await store.ingestions.get(id)).toMatchObject({ state: 'CANCELLED', videoId: null });
  await expect.poll(libraryFiles).toEqual(files);
  expect(await ingest.deleteVideo(running.videoId as string)).toBe(false);
});

test('a stop puts the running one back; the next start goes on with its finished clips', async () => {
  const { store, model } = library;
  const { id } = await ingest.enqueue({ path: await file(300) });
  const running = await ingestionIs(store, id, ({ progress }) => progress > 0.1);
  const began = performance.now();
  await ingest.stop();
  expect(performance.now() - began).toBeLessThan(3_000);
  expect(await store.ingestions.get(id)).toMatchObject({ state: 'QUEUED', attempts: 0 });
  const kept = await store.clips.of(running.videoId as string, model.fingerprint);
  expect(kept.length).toBeGreaterThan(0);
  expect(kept.length).toBeLessThan(30);
  ingest = start();
  ingest.start();
  expect(await ingestionIs(store, id)).toMatchObject({ state: 'SUCCEEDED', duplicate: false });
  const clips = await store.clips.of(running.videoId as string, model.fingerprint);
  expect(clips).toHaveLength(30);
  expect(clips.slice(0, kept.length)).toEqual(kept);
});
