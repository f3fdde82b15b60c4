import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIngestionFeed, type IngestionFeed } from '#src/api/live/ingestion-feed.js';
import { createStore, type Store } from '#src/store/store.js';
import type { Ingestion } from '#src/store/types.js';
import { databaseKinds, type FreshDatabase, freshDatabase } from '../../db/fresh-database.js';

const WORKER = 'a worker';

describe.each(databaseKinds)('the feed of a library on the %s database', (kind) => {
  let fresh: FreshDatabase;
  let store: Store;
  let feed: IngestionFeed;
  beforeAll(async () => {
    fresh = await freshDatabase(kind);
    store = createStore(fresh.db, fresh.dataDir);
    feed = await createIngestionFeed(store.ingestions);
  });
  afterAll(() => fresh.remove());

  const queued = () =>
    store.ingestions.create({ source: { kind: 'PATH', name: 'a.mp4', path: '/a.mp4' }, title: null });

  /** A new ingestion that `WORKER` has taken up. */
  async function running() {
    const { id } = await queued();
    expect((await store.queue.claim(WORKER, 60))?.id).toBe(id);
    return { id, lease: { id, worker: WORKER } };
  }

  const brief = ({ state, stage, progress }: Ingestion) => [state, stage, progress];

  test('each event is as the row was then, the last one as it ended', async () => {
    const { id, lease } = await running();
    const events = await feed.subscribe(id);
    expect(brief((await events.next()).value)).toEqual(['RUNNING', null, 0]);
    await store.queue.heartbeat(lease, { stage: 'probe', progress: 0.1 });
    await store.queue.heartbeat(lease, { stage: 'probe', progress: 0.1 }); // nothing new: no event
    await store.queue.heartbeat(lease, { stage: 'embed', progress: 0.4 });
    await store.queue.fail(lease, {
      ...{ code: 'NOT_A_VIDEO', message: 'It is none.', retryable: false, passing: false },
    });
    const rest: Ingestion[] = [];
    for await (const event of events) rest.push(event);
    expect(rest.map(brief)).toEqual([
      ['RUNNING', 'probe', 0.1],
      ['RUNNING', 'embed', 0.4],
      ['FAILED', null, 0.4],
    ]);
    expect(rest.map(({ error }) => error?.code)).toEqual([undefined, undefined, 'NOT_A_VIDEO']);
  });

  test('all subscribers hear of it; one that has left does not', async () => {
    const { id } = await running();
    const [one, all, leaver] = [
      await feed.subscribe(id),
      await feed.subscribe(null),
      await feed.subscribe(id),
    ];
    for (const events of [one, all, leaver]) expect((await events.next()).value.id).toBe(id);
    const waits = leaver.next();
    await leaver.return?.();
    expect((await waits).done).toBe(true);
    await store.ingestions.cancel(id);
    expect((await one.next()).value.state).toBe('CANCELLED');
    expect((await one.next()).done).toBe(true);
    expect((await all.next()).value.state).toBe('CANCELLED');
    await store.ingestions.retry(id);
    expect(brief((await all.next()).value)).toEqual(['QUEUED', null, 0]);
    await all.return?.();
    await store.ingestions.cancel(id);
  });

  test.runIf(kind === 'server')(
    'what happened while the connection was away is told afterwards',
    async () => {
      const { id } = await running();
      const [one, all] = [await feed.subscribe(id), await feed.subscribe(null)];
      for (const events of [one, all]) expect((await events.next()).value.state).toBe('RUNNING');
      await fresh.db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE pid <> pg_backend_pid() AND query LIKE 'LISTEN %' AND datname = current_database()`,
      );
      await store.ingestions.cancel(id);
      const other = await running();
      expect((await one.next()).value.state).toBe('CANCELLED');
      expect((await one.next()).done).toBe(true);
      const seen = new Map<string, string>();
      while (seen.size < 2) {
        const { value } = await all.next();
        seen.set(value.id, value.state);
      }
      expect(seen).toEqual(
        new Map([
          [id, 'CANCELLED'],
          [other.id, 'RUNNING'],
        ]),
      );
      await all.return?.();
    },
  );
});
