import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { LeaseLost } from '#src/store/lease.js';
import { databaseKinds } from '../db/fresh-database.js';
import { clipOf, MODEL, testLibrary, videoOf } from './library.js';

describe.each(databaseKinds)('many at once on the %s database', (kind) => {
  const library = testLibrary(kind);

  test('workers, deletions and sweeps on the same few videos end without a deadlock, and nothing is left half', async () => {
    const { store, db } = library;
    const failure = { code: 'MEDIA_LIMIT', message: 'No.', retryable: false } as const;
    for (let i = 0; i < 60; i++) {
      await store.ingestions.create({ source: { kind: 'PATH', name: `${i % 3}`, path: `/films/${i % 3}` } });
    }
    let turn = 0;
    /** One claimed ingestion from its claim to some end. False when none is due. */
    const runOne = async (): Promise<boolean> => {
      const worker = randomUUID();
      const ingestion = await store.queue.claim(worker, 30);
      if (!ingestion) return false;
      const lease = { id: ingestion.id, worker };
      const { outcome, video } = await store.videos.createFor(lease, videoOf(ingestion.source.name));
      const ending = turn++ % 4;
      if (outcome === 'BUSY') await store.queue.release(lease);
      else if (outcome === 'SEARCHABLE')
        await store.queue.succeed(lease, { duplicate: true, videoId: video.id });
      else if (ending === 0) await store.queue.fail(lease, failure);
      else {
        for (const index of [0, 1]) await store.clips.add(lease, MODEL, clipOf(video.id, index));
        if (ending === 1) await store.videos.delete(video.id);
        await store.videos.complete(lease, video.id, MODEL, 2);
        await store.queue.succeed(lease, { duplicate: false, videoId: video.id });
      }
      return true;
    };
    const work = async () => {
      for (;;) {
        const ran = await runOne().catch((error) => {
          if (error instanceof LeaseLost) return true;
          throw error;
        });
        if (!ran) return;
      }
    };
    const tidy = async () => {
      for (let i = 0; i < 10; i++) {
        const { edges } = await store.videos.page({ first: 3 });
        if (edges[i % 3]) await store.videos.delete(edges[i % 3]?.node.id ?? '');
        await store.sweep();
      }
    };
    await Promise.all([work(), work(), work(), work(), work(), tidy(), tidy()]);
    await work(); // what was released last

    const states = await db.query<{ state: string }>('SELECT DISTINCT state FROM ingestion ORDER BY state');
    expect(['CANCELLED', 'FAILED', 'SUCCEEDED']).toEqual(
      expect.arrayContaining(states.map(({ state }) => state)),
    );
    const { edges } = await store.videos.page({ first: 100 });
    for (const { node } of edges) {
      expect(node.searchable).toBe(true);
      expect(await store.clips.of(node.id, MODEL)).toHaveLength(2);
    }
  });
});
