import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LeaseLost } from '#src/store/lease.js';
import { databaseKinds } from '../db/fresh-database.js';
import { claimed, clipOf, ingested, MODEL, testLibrary, videoOf } from './library.js';

describe.each(databaseKinds)('the same bytes on the %s database', (kind) => {
  const library = testLibrary(kind);
  const gone = { code: 'SOURCE_GONE', message: 'Gone.', retryable: false } as const;

  test('sent at the same moment are one video, which one ingestion embeds', async () => {
    const { store } = library;
    const leases = [];
    for (let i = 0; i < 6; i++) leases.push(await claimed(store));
    const claims = await Promise.all(leases.map((lease) => store.videos.createFor(lease, videoOf('a'))));
    expect(new Set(claims.map(({ video }) => video.id)).size).toBe(1);
    expect(claims.map(({ outcome }) => outcome).sort()).toEqual([
      'BUSY',
      'BUSY',
      'BUSY',
      'BUSY',
      'BUSY',
      'OURS',
    ]);
    expect((await store.videos.page({ first: 9 })).edges).toHaveLength(1);
  });

  test('known ones end as a duplicate, and the video stays as it was', async () => {
    const { store } = library;
    const known = await ingested(store, { ...videoOf('a'), title: 'First', tags: ['first'] });
    const lease = await claimed(store);
    const claim = await store.videos.createFor(lease, { ...videoOf('a'), title: 'Second', tags: [] });
    expect(claim).toMatchObject({
      outcome: 'SEARCHABLE',
      video: { id: known.id, title: 'First', tags: ['first'] },
    });
    await store.queue.succeed(lease, { duplicate: true, videoId: known.id });
    const ended = await store.ingestions.get(lease.id);
    expect(ended).toMatchObject({ state: 'SUCCEEDED', duplicate: true, videoId: known.id });
  });

  test('an ingestion that finds the video it had completed itself is no duplicate', async () => {
    const { store } = library;
    const { id } = await claimed(store);
    await store.queue.requeueRunning();
    await store.queue.claim('before', 30);
    const before = { id, worker: 'before' };
    const { video } = await store.videos.createFor(before, videoOf('a'));
    await store.clips.add(before, MODEL, clipOf(video.id, 0));
    await store.videos.complete(before, video.id, MODEL, 1);
    await store.queue.requeueRunning(); // killed just before it could say so
    await store.queue.claim('after', 30);
    const after = { id, worker: 'after' };
    expect((await store.videos.createFor(after, videoOf('a'))).outcome).toBe('SEARCHABLE');
    await store.queue.succeed(after, { duplicate: true, videoId: video.id });
    expect(await store.ingestions.get(id)).toMatchObject({ state: 'SUCCEEDED', duplicate: false });
  });

  test('the one that waits takes over, with the clips there are, when the other fails', async () => {
    const { store } = library;
    const [first, second] = [await claimed(store), await claimed(store)];
    const { video } = await store.videos.createFor(first, videoOf('a'));
    await store.clips.add(first, MODEL, clipOf(video.id, 0));
    expect((await store.videos.createFor(second, videoOf('a'))).outcome).toBe('BUSY');
    await expect(store.clips.add(second, MODEL, clipOf(video.id, 1))).rejects.toThrow(LeaseLost);

    await store.queue.fail(first, gone);
    expect(await store.ingestions.get(first.id)).toMatchObject({ state: 'FAILED', videoId: null });
    const claim = await store.videos.createFor(second, videoOf('a'));
    expect(claim).toMatchObject({ outcome: 'OURS', video: { id: video.id } });
    expect(await store.clips.of(video.id, MODEL)).toHaveLength(1);
    await store.clips.add(second, MODEL, clipOf(video.id, 1));
    await store.videos.complete(second, video.id, MODEL, 2);
  });

  test('a worker that comes back from the dead cannot write beside the one that took over', async () => {
    const { store, db } = library;
    const [first, second] = [await claimed(store), await claimed(store)];
    const { video } = await store.videos.createFor(first, videoOf('a'));
    await db.query(`UPDATE ingestion SET lease_until = now() - interval '1 second' WHERE id = $1`, [
      first.id,
    ]);
    expect((await store.videos.createFor(second, videoOf('a'))).outcome).toBe('OURS');
    expect(await store.queue.heartbeat(first, { stage: 'embed', progress: 0 })).toBe(true);
    await expect(store.clips.add(first, MODEL, clipOf(video.id, 0))).rejects.toThrow(LeaseLost);
    await store.clips.add(second, MODEL, clipOf(video.id, 0));
    expect((await store.videos.createFor(first, videoOf('a'))).outcome).toBe('BUSY');
  });

  test('a source that is gone is replaced by the one given, and one that is there is not', async () => {
    const { store, dataDir } = library;
    const file = async (name: string) => {
      const path = join(dataDir, name);
      await writeFile(path, 'film');
      const { size, mtimeMs } = await stat(path);
      return { kind: 'PATH' as const, path, size, mtimeMs };
    };
    const lost = { kind: 'PATH' as const, path: join(dataDir, 'lost'), size: 4, mtimeMs: 1 };
    const [one, two] = [await file('one'), await file('two')];
    const sourceAfter = async (source: typeof lost | { kind: 'UPLOAD' }) =>
      (await store.videos.createFor(await claimed(store), { ...videoOf('a'), source })).video.source;
    await ingested(store, { ...videoOf('a'), source: lost });
    expect(await sourceAfter(one)).toEqual(one);
    expect(await sourceAfter(two)).toEqual(one);
    await writeFile(one.path, 'changed');
    expect(await sourceAfter({ kind: 'UPLOAD' })).toEqual({ kind: 'UPLOAD' });
    expect(await sourceAfter(two)).toEqual(two); // the upload was never adopted
  });
});
