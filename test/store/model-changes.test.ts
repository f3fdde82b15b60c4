import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Store } from '#src/store/store.js';
import { databaseKinds } from '../db/fresh-database.js';
import { clipOf, testLibrary, videoOf } from './library.js';

const MODELS = ['a', 'b', 'c'].map((letter) => ({
  ...{ fingerprint: letter.repeat(64), name: letter, dimensions: 3, frames: 8, sampling: 'UNIFORM' },
}));

type Step =
  | { do: 'ingest' | 'work' | 'switch' }
  | { do: 'delete'; which: number }
  | { do: 'enter'; model: number; now: boolean }
  | { do: 'remove'; model: number };

const model = fc.nat({ max: MODELS.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('ingest' as const) }),
  fc.record({ do: fc.constant('work' as const) }),
  fc.record({ do: fc.constant('switch' as const) }),
  fc.record({ do: fc.constant('delete' as const), which: fc.nat() }),
  fc.record({ do: fc.constant('enter' as const), model, now: fc.boolean() }),
  fc.record({ do: fc.constant('remove' as const), model }),
);

/** The only vectors of a video go before it has new ones, and then the model that it waits for changes. */
const UPROOTED: Step[] = [
  { do: 'ingest' },
  { do: 'enter', model: 1, now: true },
  { do: 'remove', model: 0 },
  { do: 'enter', model: 2, now: true },
];

/** Embeds one clip of a video with a model and ends the ingestion. */
async function embed(
  store: Store,
  lease: { id: string; worker: string },
  videoId: string,
  fingerprint: string,
) {
  await store.clips.add(lease, fingerprint, clipOf(videoId, 0));
  await store.videos.complete(lease, videoId, fingerprint, 1);
}

async function ingest(store: Store): Promise<void> {
  const active = (await store.models.active()) as { fingerprint: string };
  const source = { kind: 'PATH' as const, name: 'a', path: '/nowhere' };
  const { id } = await store.ingestions.create({ source });
  const lease = { id, worker: randomUUID() };
  // Asked for, so before all embedding of what is stored.
  expect((await store.queue.claim(lease.worker, 30))?.id).toBe(id);
  const { video } = await store.videos.createFor(lease, videoOf(randomUUID()));
  await embed(store, lease, video.id, active.fingerprint);
  await store.queue.succeed(lease, { duplicate: false, videoId: video.id });
}

/** Runs the next job; false when there is none. */
async function work(store: Store): Promise<boolean> {
  const worker = randomUUID();
  const job = await store.queue.claim(worker, 30);
  if (!job) return false;
  const lease = { id: job.id, worker };
  expect(await store.videos.claimStored(lease, job.videoId as string)).toBe(true);
  await embed(store, lease, job.videoId as string, job.model as string);
  return true;
}

async function remove(store: Store, fingerprint: string): Promise<void> {
  const known = (await store.models.list()).find((one) => one.fingerprint === fingerprint);
  const removed = store.models.remove(fingerprint);
  if (!known) await expect(removed).rejects.toMatchObject({ code: 'NOT_FOUND' });
  else if (known.active || known.incoming) await expect(removed).rejects.toMatchObject({ code: 'IN_USE' });
  else await removed;
}

describe.each(databaseKinds)('changes of model on the %s database', (kind) => {
  const library = testLibrary(kind);

  test('whatever happens in whatever order, in the end every video is searchable', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
        const { store, db } = library;
        await db.query(
          'TRUNCATE model, wanted_model, video, ingestion, clip, next_clip, searchable, label_set, label, label_example RESTART IDENTITY',
        );
        await store.models.enter(MODELS[0] as (typeof MODELS)[0]);
        const ids = async () => (await store.videos.page({ first: 100 })).edges.map(({ node }) => node.id);
        for (const it of steps) {
          if (it.do === 'ingest') await ingest(store);
          if (it.do === 'work') await work(store);
          if (it.do === 'switch') await store.models.switchIfComplete();
          if (it.do === 'enter') {
            await store.models.enter(MODELS[it.model] as (typeof MODELS)[0], { now: it.now });
          }
          if (it.do === 'remove') await remove(store, MODELS[it.model]?.fingerprint as string);
          if (it.do === 'delete') {
            const there = await ids();
            if (there.length > 0) await store.videos.delete(there[it.which % there.length] as string);
          }
        }
        while (await work(store));
        await store.models.switchIfComplete();
        const [active, ...others] = await store.models.list();
        expect(active).toMatchObject({ active: true, incoming: false, embedded: (await ids()).length });
        expect(others.filter((one) => one.active || one.incoming)).toEqual([]);
        expect(await store.models.coverage(active?.fingerprint as string)).toBe(1);
        expect(await db.query('SELECT FROM ingestion WHERE model IS NOT NULL')).toEqual([]);
      }),
      { numRuns: 60, examples: [[UPROOTED]] },
    );
  });
});
