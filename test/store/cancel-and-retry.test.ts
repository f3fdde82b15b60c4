import { randomUUID } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LeaseLost } from '#src/store/lease.js';
import { databaseKinds } from '../db/fresh-database.js';
import { claimed, clipOf, ingested, MODEL, testLibrary, videoOf } from './library.js';

const path = (name: string) => ({ source: { kind: 'PATH' as const, name, path: `/films/${name}` } });
const url = (name: string) => ({ source: { kind: 'URL' as const, name, url: `http://films/${name}?key=1` } });
const unreachable = {
  code: 'SOURCE_UNREACHABLE',
  message: 'No answer.',
  retryable: true,
  passing: true,
} as const;

describe.each(databaseKinds)('ending and trying again on the %s database', (kind) => {
  const library = testLibrary(kind);
  const dueNow = () => library.db.query('UPDATE ingestion SET run_after = now()');

  test('a cancelled ingestion is out of the queue, and its worker can write nothing more', async () => {
    const { ingestions, queue, videos, clips } = library.store;
    const waiting = await ingestions.create(path('a'));
    expect(await ingestions.cancel(waiting.id)).toMatchObject({ state: 'CANCELLED', error: null });
    const lease = await claimed(library.store);
    const { video } = await videos.createFor(lease, videoOf('b'));
    await ingestions.cancel(lease.id);
    expect(await queue.holds(lease)).toBe(false);
    expect(await queue.heartbeat(lease, { stage: 'embed', progress: 0.5 })).toBe(false);
    await expect(clips.add(lease, MODEL, clipOf(video.id, 0))).rejects.toThrow(LeaseLost);
    expect(await queue.claim('other', 30)).toBeNull();
    expect(await ingestions.cancel(randomUUID())).toBeNull();
    expect(await ingestions.cancel('nonsense')).toBeNull();
  });

  test('cancelling what has ended changes nothing', async () => {
    const { ingestions } = library.store;
    await ingested(library.store, videoOf('a'));
    const [before] = (await ingestions.page({ first: 1 })).edges;
    expect(await ingestions.cancel(before?.node.id ?? '')).toEqual(before?.node);
  });

  test('a retry goes on with the clips a cancelled ingestion had', async () => {
    const { ingestions, queue, videos, clips, sweep } = library.store;
    const lease = await claimed(library.store);
    const { video } = await videos.createFor(lease, videoOf('a'));
    await clips.add(lease, MODEL, clipOf(video.id, 0));
    await ingestions.cancel(lease.id);
    await sweep();
    const again = await ingestions.retry(lease.id);
    expect(again).toMatchObject({ state: 'QUEUED', finishedAt: null, videoId: video.id, attempts: 1 });
    const taken = { id: lease.id, worker: 'again' };
    expect(await queue.claim('again', 30)).toMatchObject({ id: lease.id, attempts: 2 });
    expect(await videos.createFor(taken, videoOf('a'))).toMatchObject({
      outcome: 'OURS',
      video: { id: video.id },
    });
    expect(await clips.of(video.id, MODEL)).toHaveLength(1);
  });

  test('what passes by itself is tried again by itself, later each time, and its history is kept', async () => {
    const { ingestions, queue } = library.store;
    const { id } = await ingestions.create(url('a'));
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 11; attempt++) {
      const worker = `worker ${attempt}`;
      expect(await queue.claim(worker, 30, { fetch: true })).toMatchObject({ id, attempts: attempt });
      const state = await queue.fail({ id, worker }, unreachable);
      expect(state).toBe(attempt <= 10 ? 'QUEUED' : 'FAILED');
      const { retryAt, errors } = (await ingestions.get(id)) ?? {};
      expect(errors).toHaveLength(attempt);
      if (retryAt) waits.push((retryAt.getTime() - Date.now()) / 1000);
      expect(await queue.claim('early', 30, { fetch: true })).toBeNull();
      await dueNow();
    }
    // 5 s doubled each time up to half an hour, a quarter more or less; some slack for the clock of the test.
    for (const [n, wait] of waits.entries()) {
      const aim = Math.min(5 * 2 ** n, 1800);
      expect(wait).toBeGreaterThan(aim * 0.75 - 2);
      expect(wait).toBeLessThan(aim * 1.25 + 2);
    }
    const { passing: _, ...error } = unreachable;
    expect(await ingestions.get(id)).toMatchObject({ state: 'FAILED', error, retryAt: null });
    expect((await ingestions.get(id))?.errors[1]).toEqual({ ...error, attempt: 2, at: expect.any(Date) });
    expect(await ingestions.retry(id)).toMatchObject({ state: 'QUEUED', error: null, attempts: 11 });
  });

  test('one that waits for its next attempt is due at once when an admin says so', async () => {
    const { ingestions, queue } = library.store;
    const { id } = await ingestions.create(url('a'));
    await queue.claim('worker', 30, { fetch: true });
    await queue.fail({ id, worker: 'worker' }, unreachable);
    expect(await queue.claim('worker', 30, { fetch: true })).toBeNull();
    expect(await ingestions.retry(id)).toMatchObject({ state: 'QUEUED', retryAt: null });
    expect(await queue.claim('worker', 30, { fetch: true })).toMatchObject({ id });
  });

  test('what was asked for by itself comes before batches, and these before folders', async () => {
    const { ingestions, queue } = library.store;
    await ingestions.createAll([path('f1'), path('f2')], 'folder');
    await ingestions.createAll([path('b1'), path('b2')], 'batch');
    await ingestions.create(path('s'));
    const order: (string | undefined)[] = [];
    for (let i = 0; i < 5; i++) order.push((await queue.claim(`${i}`, 30))?.source.name);
    expect(order).toEqual(['s', 'b1', 'b2', 'f1', 'f2']);
  });

  test('a thousand at once come back in their order, with all that was given', async () => {
    const { ingestions } = library.store;
    const given = Array.from({ length: 1000 }, (_, i) => ({
      ...path(`${i} ü\n"`),
      ...{ title: i % 2 ? `title ${i}` : null, tags: ['a,b', `${i}`], metadata: { i } },
      segmentation: i % 3 ? { clipSeconds: i, overlap: 0.5, scenes: true } : null,
    }));
    const created = await ingestions.createAll(given, 'batch');
    expect(created).toMatchObject(given);
    expect(await ingestions.createAll([], 'batch')).toEqual([]);
  });

  test('one whose worker died is run alone, and the others wait for that', async () => {
    const { ingestions, queue } = library.store;
    const first = await ingestions.create(path('killed'));
    await queue.claim('dies', 30);
    await queue.requeueRunning();
    await ingestions.createAll([path('later')], 'batch');
    expect(await queue.claim('busy', 30, { beside: true })).toBeNull();
    expect(await queue.claim('idle', 30)).toMatchObject({ id: first.id, crashes: 1, attempts: 2 });
    expect(await queue.claim('busy', 30, { beside: true })).toMatchObject({ source: { name: 'later' } });
    const [error] = (await ingestions.get(first.id))?.errors ?? [];
    expect(error).toMatchObject({ code: 'INTERNAL', attempt: 1, retryable: true });
  });

  test('a URL is fetched before it is embedded; a killed download does not count against it', async () => {
    const { ingestions, queue, downloads } = library.store;
    const { id } = await ingestions.create(url('a'));
    expect(await queue.claim('embeds', 30)).toBeNull();
    for (let i = 0; i < 8; i++) {
      expect(await queue.claim(`${i}`, 30, { fetch: true })).toMatchObject({ id, crashes: 0 });
      await writeFile(await downloads.begin({ id, worker: `${i}` }), `${i}`, { flag: 'a' });
      await queue.requeueRunning();
    }
    const lease = { id, worker: 'last' };
    await queue.claim('last', 30, { fetch: true });
    await writeFile(await downloads.begin(lease), '.', { flag: 'a' });
    expect(await downloads.find({ id, videoId: null })).toBeNull();
    await queue.describe(lease, { title: 'Its title', metadata: { site: 'x' } });
    await downloads.finish(lease);
    await queue.fetched(lease);
    const found = await downloads.find({ id, videoId: null });
    expect(found).toBe(join(library.dataDir, 'downloads', id));
    expect(await readdir(join(library.dataDir, 'downloads'))).toEqual([id]);
    expect(await queue.claim('fetches', 30, { fetch: true })).toBeNull();
    expect(await queue.claim('embeds', 30)).toMatchObject({
      id,
      title: 'Its title',
      metadata: { site: 'x' },
    });
    await ingestions.cancel(id);
    await library.store.sweep();
    expect(await readdir(join(library.dataDir, 'downloads'))).toEqual([id]); // for a retry
    await library.db.query(`UPDATE ingestion SET kept_until = now()`);
    await library.store.sweep();
    expect(await readdir(join(library.dataDir, 'downloads'))).toEqual([]);
  });

  test('what an ingestion was given itself wins over what its site says', async () => {
    const { ingestions, queue } = library.store;
    const { id } = await ingestions.create({ ...url('a'), title: 'Mine', metadata: { site: 'mine', n: 1 } });
    await queue.claim('w', 30, { fetch: true });
    await queue.describe(
      { id, worker: 'w' },
      { title: 'Theirs', metadata: { site: 'theirs', uploader: 'u' } },
    );
    expect(await ingestions.get(id)).toMatchObject({
      ...{ title: 'Mine', metadata: { site: 'mine', n: 1, uploader: 'u' } },
    });
  });

  test('a path is known while it is as it was, in the queue or in the library', async () => {
    const { ingestions, queue } = library.store;
    const file = (name: string) => ({ path: `/films/${name}`, size: 10, mtimeMs: 1.5 });
    const names = ['queued', 'cancelled', 'for good', 'for now', 'done'];
    for (const name of names) await ingestions.create({ ...path(name), file: file(name) });
    for (const name of names) {
      const lease = { id: (await queue.claim('w', 30))?.id ?? '', worker: 'w' };
      if (name === 'queued') await queue.release(lease, { after: 1000 });
      if (name === 'cancelled') await ingestions.cancel(lease.id);
      if (name === 'for good')
        await queue.fail(lease, { ...unreachable, code: 'NOT_A_VIDEO', retryable: false, passing: false });
      if (name === 'for now') await queue.fail(lease, { ...unreachable, passing: false });
      if (name !== 'done') continue;
      const { video } = await library.store.videos.createFor(lease, videoOf('a'));
      await queue.succeed(lease, { duplicate: true, videoId: video.id });
    }
    const asked = [...names, 'new'].map(file);
    const known = await ingestions.knownPaths([
      ...asked,
      { ...file('done'), path: '/films/done', mtimeMs: 2.5 },
    ]);
    expect([...known].sort()).toEqual(['/films/done', '/films/for good', '/films/queued']);
    expect(await ingestions.knownPaths([{ ...file('done'), size: 11 }])).toEqual(new Set());
    expect(await ingestions.counts()).toEqual({
      ...{ QUEUED: 1, RUNNING: 0, SUCCEEDED: 1, FAILED: 2, CANCELLED: 1 },
    });
  });

  test('deleting a video removes what its ended ingestions kept for a retry', async () => {
    const { ingestions, queue, videos, media, downloads } = library.store;
    const { id } = await ingestions.create(url('a'));
    await queue.claim('w', 30, { fetch: true });
    await writeFile(await downloads.begin({ id, worker: 'w' }), 'a film');
    await downloads.finish({ id, worker: 'w' });
    await queue.fetched({ id, worker: 'w' });
    const lease = { id, worker: 'v' };
    await queue.claim('v', 30);
    const { video } = await videos.createFor(lease, videoOf('a'));
    await mkdir(dirname(media.path(video.sha256)), { recursive: true });
    await ingestions.cancel(id);
    expect(await videos.delete(video.id)).toBe(true);
    expect(await readdir(join(library.dataDir, 'downloads'))).toEqual([]);
    expect(await ingestions.get(id)).toMatchObject({ state: 'CANCELLED', videoId: null });
  });
});
