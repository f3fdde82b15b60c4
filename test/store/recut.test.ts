import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LeaseLost } from '#src/store/lease.js';
import type { Lease, Video } from '#src/store/types.js';
import { databaseKinds } from '../db/fresh-database.js';
import { claimed, clipOf, DIMENSIONS, ingested, MODEL, testLibrary, videoOf } from './library.js';

const finer = { clipSeconds: 5, overlap: 0, scenes: false };
const queries = { all: [Float32Array.from([0, 1, 0])], any: [] };

describe.each(databaseKinds)('cutting a video anew on the %s database', (kind) => {
  const library = testLibrary(kind);

  const search = async (snapshot: number) =>
    (await library.store.clips.nearestVideos({ model: MODEL, queries, snapshot, limit: 10 })).videos;

  /** Queues a recut of the video and claims it. */
  async function begun(video: Video): Promise<{ lease: Lease; next: Video }> {
    const { store } = library;
    const ingestion = await store.videos.recut(video.id, finer);
    const lease = { id: ingestion?.id ?? '', worker: `${ingestion?.id}` };
    expect(await store.queue.claim(lease.worker, 30)).toMatchObject({ id: lease.id, recuts: true });
    expect(await store.videos.claimStored(lease, video.id)).toBe(true);
    return { lease, next: { ...video, segmentation: finer, edition: video.edition + 1 } };
  }

  async function embed(lease: Lease, next: Video, index: number): Promise<void> {
    const { edition, id: videoId } = next;
    const key = { model: MODEL, videoId, edition, index, form: 'fp16' as const };
    await library.store.features.write(key, new Uint8Array(12).fill(100 + index));
    await library.store.clips.add(lease, MODEL, { ...clipOf(videoId, index, [0, 1, 0]), edition });
  }

  test('searches see the former clips until all new ones are there, then these alone', async () => {
    const { store, dataDir } = library;
    const video = await ingested(store, videoOf('a'), [
      [1, 0, 0],
      [1, 0, 0],
    ]);
    const sheet = store.pictures.sheet(video, 1);
    await mkdir(dirname(sheet), { recursive: true });
    await writeFile(sheet, 'former');
    const before = await store.videos.snapshot(MODEL);
    const { lease, next } = await begun(video);
    for (const index of [0, 1, 2, 3]) {
      expect(await search(before)).toEqual([{ videoId: video.id, distance: -0 }]);
      expect(await store.clips.of(video.id, MODEL)).toHaveLength(2);
      await embed(lease, next, index);
      expect(await store.clips.next(lease, video.id, MODEL)).toHaveLength(index + 1);
    }
    expect(await store.videos.switchEdition(lease, next, { model: MODEL, clips: 4 })).toBe(true);
    expect(await store.videos.get(video.id)).toEqual({ ...next, searchable: true });
    const clips = await store.clips.of(video.id, MODEL);
    expect(clips.map(({ index, edition }) => [index, edition])).toEqual([0, 1, 2, 3].map((i) => [i, 1]));
    expect(await search(before)).toEqual([]); // left out of searches begun before, as if deleted
    expect(await search(await store.videos.snapshot(MODEL))).toEqual([{ videoId: video.id, distance: -1 }]);
    await store.sweep();
    const features = join(dataDir, 'features', MODEL);
    expect(await readdir(features)).toEqual([`${video.id}.editions`]);
    expect(await readdir(join(features, `${video.id}.editions`))).toEqual(['1']);
    expect(await readdir(dirname(sheet))).toEqual([]);
    expect(await store.videos.delete(video.id)).toBe(true);
    expect(await readdir(features)).toEqual([]);
  });

  test('it does not switch while clips are missing', async () => {
    const { store } = library;
    const video = await ingested(store, videoOf('a'));
    const { lease, next } = await begun(video);
    await embed(lease, next, 0);
    await embed(lease, next, 2);
    await expect(store.videos.switchEdition(lease, next, { model: MODEL, clips: 3 })).rejects.toThrow(
      'Only 2 of 3',
    );
    expect(await store.clips.of(video.id, MODEL)).toHaveLength(1);
    expect(await store.videos.get(video.id)).toMatchObject({ edition: 0, searchable: true });
  });

  test('a second wish takes the place of the first, whose worker can write nothing more', async () => {
    const { store } = library;
    const video = await ingested(store, videoOf('a'));
    const first = await begun(video);
    await embed(first.lease, first.next, 0);
    const second = await begun(video);
    await expect(embed(first.lease, first.next, 1)).rejects.toThrow(LeaseLost);
    expect(await store.ingestions.get(first.lease.id)).toMatchObject({ state: 'CANCELLED' });
    expect(await store.clips.next(second.lease, video.id, MODEL)).toEqual([]);
  });

  test('what a cancelled one left is swept, and what a running one has is not', async () => {
    const { store, db, dataDir } = library;
    const video = await ingested(store, videoOf('a'));
    const { lease, next } = await begun(video);
    await embed(lease, next, 0);
    await store.sweep();
    expect(await store.clips.next(lease, video.id, MODEL)).toHaveLength(1);
    await store.ingestions.cancel(lease.id);
    await db.query('UPDATE ingestion SET kept_until = now() WHERE kept_until IS NOT NULL');
    await store.sweep();
    await store.sweep(); // the files go once the rows are gone
    expect(await db.query('SELECT FROM next_clip')).toEqual([]);
    expect(await readdir(join(dataDir, 'features', MODEL, `${video.id}.editions`))).toEqual([]);
    expect(await search(await store.videos.snapshot(MODEL))).toHaveLength(1);
  });

  test('it ends with nothing when the library went over to another model, and queues what other models lack', async () => {
    const { store, db } = library;
    const video = await ingested(store, videoOf('a'));
    const { lease, next } = await begun(video);
    await embed(lease, next, 0);
    const other = {
      fingerprint: 'e'.repeat(64),
      name: 'other',
      dimensions: DIMENSIONS,
      frames: 8,
      sampling: 'UNIFORM',
    };
    expect(await store.models.enter(other)).toBe('incoming');
    const jobs = () => db.query(`SELECT state FROM ingestion WHERE model IS NOT NULL`);
    expect(await jobs()).toHaveLength(1);
    expect(await store.videos.switchEdition(lease, next, { model: MODEL, clips: 1 })).toBe(true);
    expect(await jobs()).toHaveLength(1);
    const again = await begun({ ...next });
    await embed(again.lease, again.next, 0);
    expect(await store.models.enter(other, { now: true })).toBe('active');
    const switched = await store.videos.switchEdition(again.lease, again.next, { model: MODEL, clips: 1 });
    expect(switched).toBe(false);
    expect(await store.clips.of(video.id, MODEL)).toHaveLength(1);
  });

  test('an embedding of the former edition is refused after the switch', async () => {
    const { store } = library;
    const video = await ingested(store, videoOf('a'));
    const { lease, next } = await begun(video);
    await embed(lease, next, 0);
    await store.videos.switchEdition(lease, next, { model: MODEL, clips: 1 });
    await store.queue.succeed(lease, { duplicate: false, videoId: video.id });
    const stale = await claimed(store);
    expect(await store.videos.claimStored(stale, video.id)).toBe(true);
    await expect(store.clips.add(stale, MODEL, clipOf(video.id, 0))).rejects.toThrow(LeaseLost);
  });

  test('there is nothing to cut under an unknown id', async () => {
    const { videos } = library.store;
    expect(await videos.recut('00000000-0000-4000-8000-000000000000', finer)).toBeNull();
    expect(await videos.recut('nonsense', finer)).toBeNull();
  });
});
