import { describe, expect, test } from 'vitest';
import { databaseKinds } from '../db/fresh-database.js';
import { claimed, clipOf, MODEL, testLibrary, videoOf } from './library.js';

describe.each(databaseKinds)('snapshots on the %s database', (kind) => {
  const library = testLibrary(kind);

  test('once seen, a snapshot holds the same videos for ever, however many complete at the same moment', async () => {
    const { store, db } = library;
    // Each takes a while between its number and its commit.
    await db.query(`
      CREATE FUNCTION linger() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(random() * 0.02); RETURN NULL; END'
        LANGUAGE plpgsql;
      CREATE TRIGGER linger AFTER INSERT ON searchable FOR EACH ROW EXECUTE FUNCTION linger();`);
    const ready = [];
    for (let i = 0; i < 24; i++) {
      const lease = await claimed(store);
      const { video } = await store.videos.createFor(lease, videoOf(`v${i}`));
      await store.clips.add(lease, MODEL, clipOf(video.id, 0));
      ready.push({ lease, video });
    }
    const contents = async (snapshot: number) => {
      const queries = { all: [Float32Array.of(1, 0, 0)], any: [] };
      const found = await store.clips.nearestVideos({ model: MODEL, queries, snapshot, limit: 100 });
      return found.videos.map((key) => key.videoId);
    };
    const seen = new Map<number, string[]>();
    let completing = true;
    const watch = async () => {
      while (completing) {
        const snapshot = await store.videos.snapshot(MODEL);
        seen.set(snapshot, await contents(snapshot));
      }
    };
    const watching = watch();
    await Promise.all(ready.map(({ lease, video }) => store.videos.complete(lease, video.id, MODEL, 1)));
    completing = false;
    await watching;
    expect(await store.videos.snapshot(MODEL)).toBe(24);
    for (const [snapshot, videos] of seen) {
      expect(videos).toHaveLength(snapshot);
      expect(await contents(snapshot)).toEqual(videos);
    }
  });
});
