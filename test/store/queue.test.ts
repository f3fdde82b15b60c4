import { describe, expect, test } from 'vitest';
import { LeaseLost } from '#src/store/lease.js';
import { databaseKinds } from '../db/fresh-database.js';
import { claimed, clipOf, MODEL, testLibrary, videoOf } from './library.js';

const source = (name: string) => ({ source: { kind: 'PATH' as const, name, path: `/films/${name}` } });
const error = { code: 'NOT_A_VIDEO', message: 'No.', retryable: false } as const;
const failure = { ...error, passing: false };

describe.each(databaseKinds)('the queue on the %s database', (kind) => {
  const library = testLibrary(kind);
  /** Lets the lease of an ingestion run out. */
  const expire = (id: string) =>
    library.db.query(`UPDATE ingestion SET lease_until = now() - interval '1 second' WHERE id = $1`, [id]);

  test('what is stored is what comes back', async () => {
    const { ingestions } = library.store;
    const given = { ...source('a.mp4'), title: 'A', tags: ['x', 'a,b'], metadata: { n: [1] } };
    const made = await ingestions.create(given);
    expect(made).toEqual({
      ...{
        ...given,
        id: expect.any(String),
        version: 0,
        state: 'QUEUED',
        stage: null,
        progress: 0,
        attempts: 0,
      },
      ...{ duplicate: false, error: null, videoId: null, createdAt: expect.any(Date), finishedAt: null },
      ...{ model: null, crashes: 0, errors: [], retryAt: null, warnings: [], segmentation: null },
      recuts: false,
    });
    expect(await ingestions.get(made.id)).toEqual(made);
    expect(await ingestions.get('nonsense')).toBeNull();
    const upload = { source: { kind: 'UPLOAD' as const, name: 'b.mp4', uploadId: '0'.repeat(32) } };
    expect(await ingestions.create(upload)).toMatchObject({ ...upload, title: null, tags: [], metadata: {} });
  });

  test('gives out the oldest first, each once, however many ask at the same moment', async () => {
    const { ingestions, queue } = library.store;
    const ids = [];
    for (let i = 0; i < 12; i++) ids.push((await ingestions.create(source(`${i}`))).id);
    expect((await queue.claim('first', 30))?.id).toBe(ids[0]);
    const workers = Array.from({ length: 16 }, (_, i) => queue.claim(`worker ${i}`, 30));
    const given = (await Promise.all(workers)).flatMap((ingestion) => ingestion?.id ?? []);
    expect(given.sort()).toEqual(ids.slice(1).sort());
    expect(await queue.claim('late', 30)).toBeNull();
  });

  test('a heartbeat keeps the lease and shows where it is', async () => {
    const { ingestions, queue } = library.store;
    const lease = await claimed(library.store);
    await expire(lease.id);
    expect(await queue.heartbeat(lease, { stage: 'embed', progress: 0.5 })).toBe(true);
    expect(await queue.claim('other', 30)).toBeNull();
    expect(await ingestions.get(lease.id)).toMatchObject({ state: 'RUNNING', stage: 'embed', progress: 0.5 });
  });

  test('an expired lease is given to another, and the former worker can write nothing more', async () => {
    const { store } = library;
    const former = await claimed(store);
    const { video } = await store.videos.createFor(former, videoOf('a'));
    await store.clips.add(former, MODEL, clipOf(video.id, 0));
    await expire(former.id);
    const taken = await store.queue.claim('other', 30);
    expect(taken).toMatchObject({ id: former.id, attempts: 2, videoId: video.id });

    expect(await store.queue.heartbeat(former, { stage: 'embed', progress: 1 })).toBe(false);
    await store.queue.release(former);
    for (const write of [
      () => store.videos.createFor(former, videoOf('b')),
      () => store.clips.add(former, MODEL, clipOf(video.id, 1)),
      () => store.videos.complete(former, video.id, MODEL, 1),
      () => store.queue.succeed(former, { duplicate: false, videoId: video.id }),
      () => store.queue.fail(former, failure),
    ]) {
      await expect(write()).rejects.toThrow(LeaseLost);
    }
    expect(await store.videos.findBySha256(videoOf('b').sha256)).toBeNull();

    const lease = { id: former.id, worker: 'other' };
    expect((await store.videos.createFor(lease, videoOf('a'))).outcome).toBe('OURS');
    expect(await store.clips.of(video.id, MODEL)).toHaveLength(1);
    await store.videos.complete(lease, video.id, MODEL, 1);
    await store.queue.succeed(lease, { duplicate: false, videoId: video.id });
    expect(await store.ingestions.get(lease.id)).toMatchObject({
      ...{ state: 'SUCCEEDED', stage: null, progress: 1, duplicate: false, finishedAt: expect.any(Date) },
    });
  });

  test('one that was released comes back when it is due, and the attempt does not count', async () => {
    const { store, db } = library;
    const lease = await claimed(store);
    await store.queue.release(lease, { after: 3600 });
    expect(await store.ingestions.get(lease.id)).toMatchObject({ state: 'QUEUED', attempts: 0 });
    expect(await store.queue.claim('other', 30)).toBeNull();
    await db.query('UPDATE ingestion SET run_after = now()');
    expect(await store.queue.claim('other', 30)).toMatchObject({ id: lease.id, attempts: 1 });
  });

  test('after a restart the running ones go on at once', async () => {
    const { store } = library;
    const lease = await claimed(store);
    await store.queue.requeueRunning();
    expect(await store.queue.claim('after', 30)).toMatchObject({ id: lease.id, attempts: 2 });
  });

  test('one that ends the process each time lets the others go first, and is given up', async () => {
    const { store } = library;
    const { ingestions, queue } = store;
    const poison = await ingestions.create(source('poison'));
    await queue.claim('worker', 30);
    await queue.requeueRunning();
    const harmless = await ingestions.create(source('harmless'));
    expect((await queue.claim('worker', 30))?.id).toBe(harmless.id);
    await queue.fail({ id: harmless.id, worker: 'worker' }, failure);
    for (let i = 1; i < 5; i++) {
      expect((await queue.claim('worker', 30))?.id).toBe(poison.id);
      await (i % 2 ? expire(poison.id) : queue.requeueRunning());
    }
    expect(await queue.claim('worker', 30)).toBeNull();
    const given = await ingestions.get(poison.id);
    expect(given).toMatchObject({ state: 'FAILED', error: { code: 'INTERNAL', retryable: true } });
  });

  test('crashes do not count while something is stored in between', async () => {
    const { store } = library;
    const { id } = await claimed(store);
    for (let i = 0; i < 25; i++) {
      await store.queue.requeueRunning();
      const lease = { id, worker: `worker ${i}` };
      expect(await store.queue.claim(lease.worker, 30)).toMatchObject({ id });
      const { video } = await store.videos.createFor(lease, videoOf('a'));
      await store.clips.add(lease, MODEL, clipOf(video.id, i));
    }
  });

  test('pages go from the newest to the oldest, of one state if asked', async () => {
    const { ingestions, queue } = library.store;
    const lease = await claimed(library.store);
    await queue.fail(lease, failure);
    for (const name of ['b', 'c', 'd']) await ingestions.create(source(name));
    const first = await ingestions.page({ first: 2 });
    const second = await ingestions.page({ first: 2, after: first.edges[1]?.cursor });
    const names = [first, second].map((page) => page.edges.map(({ node }) => node.source.name));
    expect(names).toEqual([
      ['d', 'c'],
      ['b', 'a.mp4'],
    ]);
    expect([first.hasNextPage, second.hasNextPage]).toEqual([true, false]);
    const failed = await ingestions.page({ first: 2, state: 'FAILED' });
    expect(failed.edges.map(({ node }) => node)).toMatchObject([{ id: lease.id, error }]);
  });
});
