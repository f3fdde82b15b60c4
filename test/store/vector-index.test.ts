import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClipKey, SearchKey } from '#src/store/types.js';
import { indexedDimensions, keepVectorIndexes } from '#src/store/vector-index.js';
import { databaseKinds } from '../db/fresh-database.js';
import { MODEL, stock, testLibrary } from './library.js';

const never = new AbortController().signal;

/** Directions that are the same for the same seed. */
function directions(count: number, seed: number): number[][] {
  const numbers = fc.sample(fc.float({ min: -1, max: 1, noNaN: true }), { numRuns: count * 3, seed });
  return Array.from({ length: count }, (_, i) => {
    const raw = numbers.slice(i * 3, i * 3 + 3);
    return raw.map((x) => x / (Math.hypot(...raw) || 1));
  });
}

describe.runIf(databaseKinds.includes('server'))('a vector index on a server', () => {
  const library = testLibrary('server');

  async function stocked(videos: number) {
    const clips = directions(2 * videos, 5);
    await stock(
      library.db,
      Array.from({ length: videos }, (_, i) => ({
        tags: i % 40 === 0 ? ['rare'] : [],
        clips: clips.slice(2 * i, 2 * i + 2),
      })),
    );
  }

  test('is built when there are clips enough, built anew when it was left unfinished, and dropped with its model', async () => {
    const { db } = library;
    await stocked(50);
    await keepVectorIndexes(db, never, 101);
    expect(await indexedDimensions(db, MODEL)).toBeNull();
    await keepVectorIndexes(db, never, 100);
    expect(await indexedDimensions(db, MODEL)).toBe(3);
    await keepVectorIndexes(db, never, 100);
    expect(await indexedDimensions(db, MODEL)).toBe(3);
    await db.query(
      `UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'clip_embedding_${MODEL.slice(0, 32)}'::regclass`,
    );
    expect(await indexedDimensions(db, MODEL)).toBeNull();
    await keepVectorIndexes(db, never, 100);
    expect(await indexedDimensions(db, MODEL)).toBe(3);
    await db.query('DELETE FROM clip');
    await keepVectorIndexes(db, never, 100);
    expect(await indexedDimensions(db, MODEL)).toBeNull();
  });

  test('stops when its process does', async () => {
    const { db } = library;
    await stocked(50);
    const stopping = new AbortController();
    stopping.abort(new Error('stopping'));
    await expect(keepVectorIndexes(db, stopping.signal, 100)).rejects.toThrow('stopping');
    expect(await indexedDimensions(db, MODEL)).toBeNull();
  });

  test('serves searches as a look at every clip does: in pages of any size, with filters, for several texts', async () => {
    const { db, store } = library;
    await stocked(800);
    await db.query('ANALYZE');
    const [a = [], b = [], c = []] = directions(3, 9).map((direction) => Float32Array.from(direction));
    const searches = [
      { queries: { all: [a], any: [] }, filter: {} },
      { queries: { all: [a, b], any: [] }, filter: {} },
      { queries: { all: [], any: [b, c] }, filter: {} },
      { queries: { all: [a], any: [b, c] }, filter: {} },
      { queries: { all: [c], any: [] }, filter: { tags: ['rare'] } },
    ] as { queries: { all: Float32Array[]; any: Float32Array[] }; filter: object }[];

    async function pages<Key>(
      limit: number,
      list: (from: Key | undefined) => Promise<{ keys: Key[]; scan: string }>,
    ) {
      const all: Key[] = [];
      const scans = new Set<string>();
      for (;;) {
        const { keys, scan } = await list(all.at(-1));
        scans.add(scan);
        all.push(...keys);
        if (keys.length < limit) return { all, scans };
      }
    }
    const run = async () => {
      const results = [];
      for (const search of searches) {
        const request = { model: MODEL, snapshot: 800, limit: 60, ...search };
        const videos = await pages<SearchKey>(60, async (from) => {
          const { videos, scan } = await store.clips.nearestVideos({ ...request, from });
          return { keys: videos, scan };
        });
        const clips = await pages<ClipKey>(60, async (from) => {
          const { clips, scan } = await store.clips.nearestClips({ ...request, from });
          return { keys: clips, scan };
        });
        results.push({ videos, clips });
      }
      return results;
    };
    const exact = await run();
    await keepVectorIndexes(db, never, 100);
    const indexed = await run();
    for (const [i, { videos, clips }] of indexed.entries()) {
      expect(exact[i]?.videos.scans).toEqual(new Set(['FULL']));
      const narrow = 'tags' in (searches[i]?.filter ?? {});
      expect(videos.scans.has('INDEX')).toBe(!narrow);
      // In three dimensions the index misses next to nothing; what it gives is in order, each once.
      const expected = exact[i]?.videos.all ?? [];
      expect(new Set(videos.all.map((key) => key.videoId)).size).toBe(videos.all.length);
      const known = new Set(expected.map((key) => JSON.stringify(key)));
      expect(videos.all.every((key) => known.has(JSON.stringify(key)))).toBe(true);
      expect(videos.all.length).toBeGreaterThanOrEqual(0.99 * expected.length);
      const expectedClips = new Set(exact[i]?.clips.all.map((key) => JSON.stringify(key)));
      expect(clips.all.every((key) => expectedClips.has(JSON.stringify(key)))).toBe(true);
      expect(clips.all.length).toBeGreaterThanOrEqual(0.99 * expectedClips.size);
    }
  });
});
