import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SearchKey, VideoFilter } from '#src/store/types.js';
import { databaseKinds } from '../db/fresh-database.js';
import { ingested, MODEL, stock, testLibrary, videoOf } from './library.js';

/** Small whole numbers: their products and sums are exact, so that ties are ties. */
const vector = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 });
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0);
const withoutMinusZero = (key: SearchKey) => ({ ...key, distance: key.distance + 0 });
const compare = (a: SearchKey, b: SearchKey) => a.distance - b.distance || (a.videoId < b.videoId ? -1 : 1);

describe.each(databaseKinds)('search on the %s database', (kind) => {
  const library = testLibrary(kind);

  test('gives what looking at every clip gives, in blocks of any size, under any filter', async () => {
    const { store, db } = library;
    const tags = fc.subarray(['x', 'y']);
    const videos = fc.array(fc.record({ clips: fc.array(vector, { minLength: 1, maxLength: 6 }), tags }), {
      ...{ minLength: 1, maxLength: 12 },
    });
    const cases = fc.record({ videos, query: vector, size: fc.integer({ min: 1, max: 5 }), tags });
    await fc.assert(
      fc.asyncProperty(cases, async ({ videos, query, size, tags }) => {
        await db.query('DELETE FROM video');
        const ids = await stock(db, videos);
        const made = videos.map((video, i) => ({ ...video, id: ids[i] ?? '' }));
        const snapshot = Math.ceil(made.length / 2);
        const seen = made.slice(0, snapshot);
        const expected = seen
          .filter((video) => tags.every((tag) => video.tags.includes(tag)))
          .map(({ id, clips }) => ({
            videoId: id,
            distance: Math.min(...clips.map((clip) => -dot(clip, query))),
          }))
          .sort(compare);

        const request = { model: MODEL, query: Float32Array.from(query), snapshot, filter: { tags } };
        const found: SearchKey[] = [];
        for (;;) {
          const block = await store.clips.nearestVideos({ ...request, from: found.at(-1), limit: size });
          const [from, to] = [found.at(-1), block.at(-1)];
          if (to)
            expect(await store.clips.nearestVideos({ ...request, from, to, limit: 100 })).toEqual(block);
          found.push(...block);
          if (block.length < size) break;
        }
        expect(found.map(withoutMinusZero)).toEqual(expected.map(withoutMinusZero));

        const nearest = await store.clips.nearest({ ...request, videoIds: ids, perVideo: 4 });
        for (const { id, clips } of made) {
          const products = clips.map((clip) => dot(clip, query)).sort((a, b) => b - a);
          const ours = nearest.filter((clip) => clip.videoId === id);
          expect(ours.map((clip) => dot([...clip.embedding], query))).toEqual(products.slice(0, 4));
        }
      }),
      { numRuns: 15 },
    );
  });

  test('the same distances to the last bit, whatever the block and the filter', async () => {
    const { store, db } = library;
    const random = fc.sample(fc.float({ min: -1, max: 1, noNaN: true }), { numRuns: 303, seed: 7 });
    const unit = (i: number) => {
      const raw = random.slice(i * 3, i * 3 + 3);
      return raw.map((x) => x / (Math.hypot(...raw) || 1));
    };
    await stock(
      db,
      Array.from({ length: 40 }, (_, i) => ({ tags: [], clips: [unit(i), unit(i + 40)] })),
    );
    const query = Float32Array.from(unit(100));
    const search = (filter: VideoFilter, from?: SearchKey, to?: SearchKey) =>
      store.clips.nearestVideos({ model: MODEL, query, snapshot: 40, limit: 100, filter, from, to });
    const all = await search({});
    expect(all).toHaveLength(40);
    expect(await search({})).toEqual(all);
    for (const [i, key] of all.entries()) {
      expect(await search({ ids: [key.videoId] })).toEqual([key]);
      expect(await search({}, all[i - 1], key)).toEqual([key]);
    }
  });

  test('embeddings keep every bit', async () => {
    const { store } = library;
    const embedding = [0.1, -1 / 3, 1.17549435e-38].map(Math.fround);
    const video = await ingested(store, videoOf('a'), [embedding]);
    const [clip] = await store.clips.of(video.id, MODEL);
    expect([...(clip?.embedding ?? [])]).toEqual(embedding);
  });

  test('a background is replaced without touching the rest', async () => {
    const { store } = library;
    const video = await ingested(store, videoOf('a'), [[1, 2, 3]]);
    const before = await store.clips.of(video.id, MODEL);
    await store.clips.setBackground(video.id, MODEL, 0, 7.25, 'newer');
    const after = before.map((clip) => ({ ...clip, background: 7.25, backgroundHash: 'newer' }));
    expect(await store.clips.of(video.id, MODEL)).toEqual(after);
  });

  test('models of other sizes do not meet', async () => {
    const { store, db } = library;
    const video = await ingested(store, videoOf('a'), [[1, 2, 3]]);
    await db.query(`INSERT INTO model VALUES ('other', 'other', 2, 8)`);
    await db.query(
      `INSERT INTO clip VALUES ($1, 'other', 0, 0, 10, '[1,2]', 0, 'h', 'fp32', 'cpu', 'fp16')`,
      [video.id],
    );
    await db.query(`INSERT INTO searchable VALUES ($1, 'other', 0)`, [video.id]);
    const query = Float32Array.of(1, 0, 0);
    const found = await store.clips.nearestVideos({ model: MODEL, query, snapshot: 1, limit: 9 });
    expect(found).toEqual([{ videoId: video.id, distance: -1 }]);
    const nearest = await store.clips.nearest({ model: MODEL, query, videoIds: [video.id], perVideo: 4 });
    expect(nearest).toHaveLength(1);
  });
});
