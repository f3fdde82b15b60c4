import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIngest, type Ingest } from '#src/ingest/ingest.js';
import { searchVideos } from '#src/search/search-videos.js';
import { type Library, openLibrary } from '../open-library.js';
import { ingestParts } from './ingest-parts.js';
import { makeVideo } from './make-video.js';
import { ingestionIs } from './until.js';

let library: Library;
let media: string;
let ingest: Ingest;
let hue = 0;

function newFile(seconds: number): Promise<string> {
  hue += 5;
  return makeVideo(join(media, `${hue}.mp4`), seconds, hue);
}

beforeAll(async () => {
  library = await openLibrary();
  media = await mkdtemp(join(tmpdir(), 'clipql-media-'));
  ingest = createIngest(ingestParts(library, media));
  ingest.start();
});

afterAll(async () => {
  await ingest.stop();
  await library.close();
  await rm(media, { recursive: true });
});

test('a cancelled ingestion stops within a second, and a retry goes on with its clips', async () => {
  const { store, model } = library;
  const { id } = await ingest.enqueue({ path: await newFile(300) });
  const running = await ingestionIs(store, id, ({ progress }) => progress > 0.2);
  const videoId = running.videoId as string;
  const began = performance.now();
  expect(await ingest.cancel(id)).toMatchObject({ state: 'CANCELLED' });
  const other = await ingest.enqueue({ path: await newFile(1) });
  await ingestionIs(store, other.id);
  expect(performance.now() - began).toBeLessThan(5_000);
  const kept = await store.clips.of(videoId, model.fingerprint);
  expect(kept.length).toBeGreaterThan(2);
  expect(kept.length).toBeLessThan(30);
  expect(await store.videos.get(videoId)).toMatchObject({ searchable: false });
  expect(await ingest.cancel(id)).toMatchObject({ state: 'CANCELLED' });

  expect(await ingest.retry(id)).toMatchObject({ state: 'QUEUED' });
  expect(await ingestionIs(store, id)).toMatchObject({ state: 'SUCCEEDED', videoId, duplicate: false });
  const clips = await store.clips.of(videoId, model.fingerprint);
  expect(clips).toHaveLength(30);
  expect(clips.slice(0, kept.length)).toEqual(kept);
  await expect(ingest.retry(id)).rejects.toMatchObject({ code: 'NOT_RETRYABLE' });
  expect(await ingest.cancel(id)).toMatchObject({ state: 'SUCCEEDED' });
});

test('an ingestion that was cancelled elsewhere is left as soon as the database says so', async () => {
  const { store } = library;
  const { id } = await ingest.enqueue({ path: await newFile(300) });
  await ingestionIs(store, id, ({ progress }) => progress > 0.1);
  await store.ingestions.cancel(id); // by another process
  ingest.notice({ id, version: 1, state: 'CANCELLED', stage: null, progress: 0 }); // as the database tells it
  const { id: next } = await ingest.enqueue({ path: await newFile(1) });
  expect(await ingestionIs(store, next)).toMatchObject({ state: 'SUCCEEDED' });
  expect(await store.ingestions.get(id)).toMatchObject({ state: 'CANCELLED' });
});

test('a retry without its source says that it is gone', async () => {
  const { store } = library;
  const path = await newFile(300);
  const { id } = await ingest.enqueue({ path });
  await ingestionIs(store, id, ({ progress }) => progress > 0.1);
  await ingest.cancel(id);
  await rm(path);
  await ingest.retry(id);
  expect(await ingestionIs(store, id)).toMatchObject({
    ...{ state: 'FAILED', videoId: null, error: { code: 'SOURCE_GONE' } },
  });
});

test('there is nothing to cancel or retry under an unknown id', async () => {
  for (const id of ['00000000-0000-4000-8000-000000000000', 'nonsense']) {
    await expect(ingest.cancel(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(ingest.retry(id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

test('a video is cut anew while searches go on, with the clips a new library would have', async () => {
  const { store, model } = library;
  const path = await newFile(60);
  const { id } = await ingest.enqueue({ path });
  const { videoId } = await ingestionIs(store, id);
  const video = videoId as string;
  const fine = { clipSeconds: 4, overlap: 0, scenes: false };
  const recut = await ingest.resegment(video, fine);
  expect(await ingestionIs(store, recut.id)).toMatchObject({ state: 'SUCCEEDED', videoId: video });
  const clips = await store.clips.of(video, model.fingerprint);
  expect(clips.map(({ start, end }) => [start, end])).toEqual(
    Array.from({ length: 15 }, (_, i) => [4 * i, 4 * i + 4]),
  );
  const found = await searchVideos(library, { text: 'a circle', first: 10, minRelevance: 0 });
  const [moment] = found.edges.find((edge) => edge.video.id === video)?.moments ?? [];
  expect((moment?.end ?? 0) - (moment?.start ?? 0)).toBe(4);

  // The twin: the same file, ingested with that segmentation from the start.
  await ingest.deleteVideo(video);
  const again = await ingest.enqueue({ path, segmentation: fine });
  const twin = await ingestionIs(store, again.id);
  const expected = await store.clips.of(twin.videoId as string, model.fingerprint);
  expect(clips.map(({ embedding }) => embedding)).toEqual(expected.map(({ embedding }) => embedding));
  await expect(ingest.resegment('nonsense', fine)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
