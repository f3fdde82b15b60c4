import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClipKey, SearchKey, VideoFilter } from '#src/store/types.js';
import { databaseKinds } from '../db/fresh-database.js';
import { ingested, MODEL, stock, testLibrary, videoOf } from './library.js';

/** Small whole numbers: their products and sums are exact, so that ties are ties. */
const vector = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 });
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? Number.NaN), 0);
const withoutMinusZero = <Key extends SearchKey>(key: Key) => ({ ...key, distance: key.distance + 0 });
const compare = (a: SearchKey, b: SearchKey) => a.distance - b.distance || (a.videoId < b.videoId ? -1 : 1);

const nameOf = ({ videoId, index }: { videoId: string; index: number }) => `${videoId} ${index}`;

/** The greatest of the distances to all of these and of the least to any of those. */
function combined(texts: { all: number[][]; any: number[][] }, distance: (query: number[]) => number) {
  const least = texts.any.length > 0 ? [Math.min(...texts.any.map(distance))] : [];
  return Math.max(...texts.all.map(distance), ...least);
}

describe.each(databaseKinds)('search on the %s database', (kind) => {
  const library = testLibrary(kind);

  test('gives what looking at every clip gives, in blocks of any size, under any filter', async () => {
    const { store, db } = library;
    const tags = fc.subarray(['x', 'y']);
    const videos = fc.array(fc.record({ clips: fc.array(vector, { minLength: 1, maxLength: 6 }), tags }), {
      ...{ minLength: 1, maxLength: 12 },
    });
    const texts = fc
      .record({ all: fc.array(vector, { maxLength: 2 }), any: fc.array(vector, { maxLength: 2 }) })
      .filter(({ all, any }) => all.length + any.length > 0);
    const cases = fc.record({ videos, texts, size: fc.integer({ min: 1, max: 5 }), tags });
    await fc.assert(
      fc.asyncProperty(cases, async ({ videos, texts, size, tags }) => {
        await db.query('DELETE FROM video');
        const ids = await stock(db, videos);
        const made = videos.map((video, i) => ({ ...video, id: ids[i] ?? '' }));
        const snapshot = Math.ceil(made.length / 2);
        const seen = made.slice(0, snapshot).filter((video) => tags.every((tag) => video.tags.includes(tag)));
        const queries = {
          all: texts.all.map((query) => Float32Array.from(query)),
          any: texts.any.map((query) => Float32Array.from(query)),
        };
        const request = { model: MODEL, queries, snapshot, filter: { tags } };
        expect(await store.clips.count(request)).toEqual({
          videos: seen.length,
          clips: seen.flatMap((video) => video.clips).length,
        });

        /** All of a list, in blocks; each again between its ends. */
        async function inBlocks<Key>(list: (bounds: Bounds<Key>) => Promise<Key[]>): Promise<Key[]> {
          const found: Key[] = [];
          for (;;) {
            const from = found.at(-1);
            const block = await list({ from, limit: size });
            const to = block.at(-1);
            if (to) expect(await list({ from, to, limit: 100 })).toEqual(block);
            found.push(...block);
            if (block.length < size) return found;
          }
        }
        type Bounds<Key> = { from?: Key | undefined; to?: Key | undefined; limit: number };

        const found = await inBlocks<SearchKey>(async (bounds) => {
          const { videos, scan } = await store.clips.nearestVideos({ ...request, ...bounds });
          expect(scan).toBe('FULL');
          return videos;
        });
        const expected = seen.map(({ id, clips }) => {
          const nearest = (query: number[]) => Math.min(...clips.map((clip) => -dot(clip, query)));
          return { videoId: id, distance: combined(texts, nearest) };
        });
        expect(found.map(withoutMinusZero)).toEqual(expected.sort(compare).map(withoutMinusZero));

        const foundClips = await inBlocks<ClipKey>(
          async (bounds) => (await store.clips.nearestClips({ ...request, ...bounds })).clips,
        );
        const expectedClips = seen.flatMap(({ id, clips }) =>
          clips.map((clip, index) => {
            return { videoId: id, index, distance: combined(texts, (query) => -dot(clip, query)) };
          }),
        );
        const compareClips = (a: ClipKey, b: ClipKey) =>
          a.videoId === b.videoId ? a.distance - b.distance || a.index - b.index : compare(a, b);
        expect(foundClips.map(withoutMinusZero)).toEqual(
          expectedClips.sort(compareClips).map(withoutMinusZero),
        );
        const some = foundClips.filter((_, i) => i % 2 === 0);
        const there = await store.clips.at(MODEL, [...some, { videoId: ids[0] ?? '', index: 99 }]);
        expect(there.map(nameOf).sort()).toEqual(some.map(nameOf).sort());

        const [query = []] = [...texts.all, ...texts.any];
        const nearest = await store.clips.nearest({
          ...{ model: MODEL, query: Float32Array.from(query), videoIds: ids, perVideo: 4 },
        });
        for (const { id, clips } of made) {
          const products = clips.map((clip) => dot(clip, query)).sort((a, b) => b - a);
          const ours = nearest.filter((clip) => clip.videoId === id);
          expect(ours.map((clip) => dot([...clip.embedding], query))).toEqual(products.slice(0, 4));
        }
      }),
      { numRuns: 25 },
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
    const queries = { all: [Float32Array.from(unit(100))], any: [] };
    const search = async (filter: VideoFilter, from?: SearchKey, to?: SearchKey) => {
      const request = { model: MODEL, queries, snapshot: 40, limit: 100, filter, from, to };
      return (await store.clips.nearestVideos(request)).videos;
    };
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
    const queries = { all: [query], any: [] };
    const found = await store.clips.nearestVideos({ model: MODEL, queries, snapshot: 1, limit: 9 });
    expect(found.videos).toEqual([{ videoId: video.id, distance: -1 }]);
    const nearest = await store.clips.nearest({ model: MODEL, query, videoIds: [video.id], perVideo: 4 });
    expect(nearest).toHaveLength(1);
  });
});
