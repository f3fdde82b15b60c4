import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Store } from '#src/store/store.js';
import type { Video } from '#src/store/types.js';
import { databaseKinds } from '../db/fresh-database.js';
import { claimed, clipOf, ingested, MODEL, testLibrary, videoOf } from './library.js';

const other = {
  fingerprint: 'abcdef0123456789'.repeat(4),
  name: 'vendor/other',
  dimensions: 512,
  frames: 32,
  sampling: 'UNIFORM',
};

/** Runs the job that embeds a stored video with another model, as a worker would; the video's id. */
async function embedNext(store: Store, model: string): Promise<string | null> {
  const job = await store.queue.claim('worker', 30);
  if (!job) return null;
  expect(job.model).toBe(model);
  const lease = { id: job.id, worker: 'worker' };
  const videoId = job.videoId as string;
  expect(await store.videos.claimStored(lease, videoId)).toBe(true);
  await store.clips.add(lease, model, clipOf(videoId, 0));
  await store.videos.complete(lease, videoId, model, 1);
  return videoId;
}

const one = (store: Store, name: string): Promise<Video> => ingested(store, videoOf(name));

describe.each(databaseKinds)('models on the %s database', (kind) => {
  const library = testLibrary(kind);

  test('a library without videos takes another model at once', async () => {
    const { models } = library.store;
    expect(await models.active()).toMatchObject({ fingerprint: MODEL, name: 'test' });
    expect(await models.enter(other)).toBe('active');
    expect(await models.active()).toEqual(other);
    expect(await models.enter({ ...other, name: 'renamed' })).toBe('active');
    expect(await models.active()).toEqual({ ...other, name: 'renamed' });
  });

  test('a library with videos goes over to another model once all is embedded with it', async () => {
    const { store } = library;
    const videos = [await one(store, 'a'), await one(store, 'b')];
    expect(await store.models.enter(other)).toBe('incoming');
    expect(await store.models.list()).toMatchObject([
      { fingerprint: MODEL, active: true, embedded: 2 },
      { fingerprint: other.fingerprint, incoming: true, embedded: 0 },
    ]);
    expect(await embedNext(store, other.fingerprint)).toBe(videos[0]?.id);
    expect(await store.models.coverage(other.fingerprint)).toBe(0.5);
    expect(await store.models.switchIfComplete()).toBeNull();
    expect(await embedNext(store, other.fingerprint)).toBe(videos[1]?.id);
    expect(await embedNext(store, other.fingerprint)).toBeNull();
    expect(await store.models.switchIfComplete()).toBe(other.fingerprint);
    expect(await store.models.active()).toEqual(other);
    expect((await store.videos.get(videos[0]?.id as string))?.searchable).toBe(true);
    expect(await store.models.enter({ ...other, fingerprint: MODEL, name: 'test' })).toBe('active');
  });

  test('what is ingested meanwhile is embedded with both, after what was asked for', async () => {
    const { store } = library;
    await one(store, 'a');
    await store.models.enter(other);
    await one(store, 'b'); // claimed before the job of the first one
    expect(await store.models.coverage(other.fingerprint)).toBe(0);
    await embedNext(store, other.fingerprint);
    await embedNext(store, other.fingerprint);
    expect(await store.models.switchIfComplete()).toBe(other.fingerprint);
  });

  test('an ingestion that began before a switch is embedded with the new model, too', async () => {
    const { store } = library;
    await one(store, 'a');
    const lease = await claimed(store);
    const { video } = await store.videos.createFor(lease, videoOf('b'));
    expect(await store.models.enter(other, { now: true })).toBe('active');
    await store.clips.add(lease, MODEL, clipOf(video.id, 0));
    await store.videos.complete(lease, video.id, MODEL, 1);
    await store.queue.succeed(lease, { duplicate: false, videoId: video.id });
    expect((await store.videos.get(video.id))?.searchable).toBe(false);
    await embedNext(store, other.fingerprint);
    await embedNext(store, other.fingerprint);
    expect((await store.videos.get(video.id))?.searchable).toBe(true);
  });

  test('a video that cannot be embedded again is listed and holds the switch back; it is tried again', async () => {
    const { store } = library;
    const video = await one(store, 'a');
    await store.models.enter(other);
    const job = await store.queue.claim('worker', 30);
    const lease = { id: job?.id as string, worker: 'worker' };
    await store.videos.claimStored(lease, video.id);
    await store.queue.fail(lease, { code: 'SOURCE_GONE', message: 'gone', retryable: false });
    const request = { model: other.fingerprint, first: 5 };
    expect((await store.ingestions.notEmbedded(request)).edges).toMatchObject([
      { node: { videoId: video.id, code: 'SOURCE_GONE', message: 'gone' } },
    ]);
    expect(await store.models.switchIfComplete()).toBeNull();
    expect((await store.ingestions.page({ first: 5 })).edges).toHaveLength(1); // the video's own
    expect(await store.ingestions.get(lease.id)).toBeNull();
    expect(await store.models.heldBack()).toEqual({ name: other.name, videos: 1 });
    await store.models.enter(other);
    expect((await store.ingestions.notEmbedded(request)).edges).toEqual([]);
    expect(await store.models.heldBack()).toBeNull();
    expect(await embedNext(store, other.fingerprint)).toBe(video.id);
  });

  test('a video whose file comes again is tried again with the model that lacked it', async () => {
    const { store } = library;
    const video = await one(store, 'a');
    await store.models.enter(other);
    const job = await store.queue.claim('worker', 30);
    const failure = { code: 'SOURCE_GONE', message: 'gone', retryable: false } as const;
    await store.queue.fail({ id: job?.id as string, worker: 'worker' }, failure);
    const lease = await claimed(store);
    expect(await store.videos.createFor(lease, videoOf('a'))).toMatchObject({ outcome: 'SEARCHABLE' });
    await store.queue.succeed(lease, { duplicate: true, videoId: video.id });
    expect(await embedNext(store, other.fingerprint)).toBe(video.id);
  });

  test('a video that was ingested again is no longer listed as not embedded', async () => {
    const { store } = library;
    const video = await one(store, 'a');
    await store.models.enter(other, { now: true });
    const job = await store.queue.claim('worker', 30);
    const failure = { code: 'SOURCE_GONE', message: 'gone', retryable: false } as const;
    await store.queue.fail({ id: job?.id as string, worker: 'worker' }, failure);
    const lease = await claimed(store);
    expect(await store.videos.createFor(lease, videoOf('a'))).toMatchObject({ outcome: 'OURS' });
    await store.clips.add(lease, other.fingerprint, clipOf(video.id, 0));
    await store.videos.complete(lease, video.id, other.fingerprint, 1);
    await store.queue.succeed(lease, { duplicate: false, videoId: video.id });
    const { edges } = await store.ingestions.notEmbedded({ model: other.fingerprint, first: 5 });
    expect(edges).toEqual([]);
  });

  test('while the active model cannot be used, what is stored is embedded with the next one', async () => {
    const { store } = library;
    const video = await one(store, 'a');
    await store.ingestions.create({ source: { kind: 'PATH', name: 'b', path: '/films/b' } });
    expect(await store.queue.claim('worker', 30, { storedOnly: true })).toBeNull();
    await store.models.enter(other);
    const job = await store.queue.claim('worker', 30, { storedOnly: true });
    expect(job).toMatchObject({ model: other.fingerprint, videoId: video.id });
  });

  test('naming the active model stops a change; naming a third one replaces it', async () => {
    const { store, db } = library;
    await one(store, 'a');
    await store.models.enter(other);
    const third = { ...other, fingerprint: '3'.repeat(64), name: 'third' };
    expect(await store.models.enter(third)).toBe('incoming');
    expect(await db.query('SELECT model FROM ingestion WHERE model IS NOT NULL')).toEqual([
      { model: third.fingerprint },
    ]);
    expect(await store.models.enter({ ...other, fingerprint: MODEL, name: 'test' })).toBe('active');
    expect(await db.query('SELECT model FROM ingestion WHERE model IS NOT NULL')).toEqual([]);
    expect((await store.models.list()).filter((model) => model.incoming)).toEqual([]);
  });

  test('a model in use is not removed; another one goes with all that is its own', async () => {
    const { store, db, dataDir } = library;
    const video = await one(store, 'a');
    await store.models.enter(other);
    for (const fingerprint of [MODEL, other.fingerprint]) {
      await expect(store.models.remove(fingerprint)).rejects.toMatchObject({ code: 'IN_USE' });
    }
    await expect(store.models.remove('none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await embedNext(store, other.fingerprint);
    await store.models.switchIfComplete();
    const folder = join(dataDir, 'features', MODEL);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, video.id), 'features');
    await store.models.remove(MODEL);
    for (const table of ['clip', 'searchable', 'ingestion']) {
      expect(await db.query(`SELECT FROM ${table} WHERE model = $1`, [MODEL])).toEqual([]);
    }
    await expect(access(folder)).rejects.toThrow();
    expect((await store.videos.get(video.id))?.searchable).toBe(true);
  });

  test('the features of a model without a row are swept', async () => {
    const folder = join(library.dataDir, 'features', '9'.repeat(64));
    await mkdir(folder, { recursive: true });
    await library.store.sweep();
    await expect(access(folder)).rejects.toThrow();
  });

  test('of several processes with different models one wins', async () => {
    const models = [1, 2, 3].map((n) => ({ ...other, fingerprint: String(n).repeat(64) }));
    await Promise.all(models.map((model) => library.store.models.enter(model)));
    expect(await library.db.query('SELECT count(*) FROM model WHERE active')).toEqual([{ count: 1 }]);
  });

  test('what was asked for is remembered until it is active', async () => {
    const { store } = library;
    await one(store, 'a');
    await store.models.want({ name: 'vendor/other', sampling: 'UNIFORM', now: false });
    await store.models.want({ name: 'vendor/other', sampling: 'WINDOW', now: true });
    expect(await store.models.wanted()).toEqual({
      name: 'vendor/other',
      sampling: 'WINDOW',
      now: true,
    });
    await store.models.enter(other);
    expect(await store.models.wanted()).not.toBeNull();
    await embedNext(store, other.fingerprint);
    await store.models.switchIfComplete();
    expect(await store.models.wanted()).toBeNull();
  });

  test('coverage is the share of videos that are searchable', async () => {
    const { store } = library;
    expect(await store.models.coverage(MODEL)).toBe(1);
    await ingested(store, videoOf('a'));
    await store.videos.createFor(await claimed(store), videoOf('b'));
    expect(await store.models.coverage(MODEL)).toBe(0.5);
    expect(await store.models.coverage(other.fingerprint)).toBe(0);
  });
});
