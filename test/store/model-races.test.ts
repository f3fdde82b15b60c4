import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LeaseLost } from '#src/store/lease.js';
import type { Store } from '#src/store/store.js';
import { databaseKinds } from '../db/fresh-database.js';
import { clipOf, MODEL, testLibrary, videoOf } from './library.js';

const MODELS = [MODEL, 'a'.repeat(64), 'b'.repeat(64)].map((fingerprint) => ({
  ...{ fingerprint, name: fingerprint.slice(0, 1), dimensions: 3, frames: 8, sampling: 'UNIFORM' },
}));

/** Runs what is next in the queue, as a worker would; false when nothing is due. */
async function runOne(store: Store): Promise<boolean> {
  const worker = randomUUID();
  const job = await store.queue.claim(worker, 30);
  if (!job) return false;
  const lease = { id: job.id, worker };
  const embed = async (videoId: string, model: string) => {
    await store.clips.add(lease, model, clipOf(videoId, 0));
    await store.videos.complete(lease, videoId, model, 1);
  };
  if (job.model && job.videoId) {
    if (!(await store.videos.claimStored(lease, job.videoId))) await store.queue.release(lease);
    else await embed(job.videoId, job.model);
  } else {
    const { outcome, video } = await store.videos.createFor(lease, videoOf(job.source.name));
    if (outcome === 'OURS') await embed(video.id, (await store.models.active())?.fingerprint as string);
    await store.queue.succeed(lease, { duplicate: outcome === 'SEARCHABLE', videoId: video.id });
  }
  return true;
}

describe.each(databaseKinds)('changes of model under way on the %s database', (kind) => {
  const library = testLibrary(kind);

  test('workers, deletions and changes of model at once end without a deadlock', async () => {
    const { store, db } = library;
    for (let i = 0; i < 120; i++) {
      await store.ingestions.create({ source: { kind: 'PATH', name: `${i}`, path: `/films/${i}` } });
    }
    const work = async () => {
      for (;;) {
        const ran = await runOne(store).catch((error) => {
          if (error instanceof LeaseLost) return true;
          throw error;
        });
        if (!ran) return;
      }
    };
    const change = async () => {
      for (let i = 1; i <= 40; i++) {
        await store.models.enter(MODELS[i % 3] as (typeof MODELS)[0], { now: i % 2 === 0 });
        await store.models.switchIfComplete();
      }
    };
    const remove = async () => {
      for (let i = 0; i < 20; i++) {
        const { edges } = await store.videos.page({ first: 5 });
        const video = edges[i % 5]?.node.id;
        if (video) await store.videos.delete(video);
      }
    };
    await Promise.all([work(), work(), work(), work(), change(), remove(), remove()]);
    await work();
    await store.models.switchIfComplete();
    const [active, ...others] = await store.models.list();
    expect(active).toMatchObject({ active: true });
    expect(others.filter((model) => model.active || model.incoming)).toEqual([]);
    expect(await store.models.coverage(active?.fingerprint as string)).toBe(1);
    expect(await db.query('SELECT FROM ingestion WHERE model IS NOT NULL')).toEqual([]);
  });
});
