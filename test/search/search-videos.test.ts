import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import fc from 'fast-check';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refreshBackgrounds } from '#src/search/refresh-backgrounds.js';
import { searchVideos, type VideoSearch, type VideoSearchEdge } from '#src/search/search-videos.js';
import type { Video } from '#src/store/types.js';
import { clipBackgrounds } from '#src/xclip/clip-backgrounds.js';
import { type Library, openLibrary } from '../open-library.js';
import { bruteForceSearch, type ExpectedEdge } from './brute-force-search.js';
import { addDrawnVideo, type DrawnVideo, seeded } from './drawn-library.js';

let library: Library;
let videos: DrawnVideo[] = [];
const random = seeded(7);
const log = pino({ level: 'silent' });

async function add(tags?: string[]) {
  const video = await addDrawnVideo(library, random, 1 + Math.floor(random() * 6), tags);
  videos.push(video);
  return video;
}

async function remove(video: DrawnVideo) {
  await library.store.videos.delete(video.id);
  videos = videos.filter((other) => other !== video);
}

beforeAll(async () => {
  library = await openLibrary();
  for (let i = 0; i < 310; i++) await add(i % 3 === 0 ? ['third'] : []);
});

afterAll(() => library.close());

const search = ({ id }: DrawnVideo) =>
  searchVideos(library, { text: 'a ring', first: 1, minRelevance: 0, filter: { ids: [id] } });

/** All pages, each of a size from `sizes` in turn. */
async function allPages(
  search: Omit<VideoSearch, 'first' | 'after'>,
  sizes: number[],
  between: (edges: VideoSearchEdge[]) => Promise<void> = async () => {},
): Promise<VideoSearchEdge[]> {
  const all: VideoSearchEdge[] = [];
  for (let page = 0; ; page++) {
    const first = sizes[page % sizes.length] as number;
    const { edges, hasNextPage } = await searchVideos(library, {
      ...search,
      first,
      after: all.at(-1)?.cursor,
    });
    all.push(...edges);
    if (hasNextPage) expect(edges).toHaveLength(first);
    if (!hasNextPage) return all;
    await between(all);
  }
}

function expectSame(edges: VideoSearchEdge[], expected: ExpectedEdge[]) {
  expect(edges.map((edge) => edge.video.id)).toEqual(expected.map((edge) => edge.id));
  for (const [i, edge] of edges.entries()) {
    const twin = expected[i] as ExpectedEdge;
    expect(edge.score).toBeCloseTo(twin.score, 3);
    expect(edge.relevance).toBeCloseTo(twin.relevance, 4);
    expect(edge.moments.map((moment) => moment.start)).toEqual(twin.moments.map((moment) => moment.start));
    expect(edge.moments[0]?.score).toBeGreaterThanOrEqual(edge.score);
  }
}

test.each([0, 0.2, 0.5, 0.9, 0.999])(
  'finds what a brute-force search finds, minRelevance %d',
  async (minRelevance) => {
    const text = 'a red circle moving left';
    const expected = await bruteForceSearch(library, videos, text, minRelevance);
    expectSame(await allPages({ text, minRelevance }, [100]), expected);
    expectSame(await allPages({ text, minRelevance }, [7, 64]), expected);
  },
);

const SEVERAL = [
  { all: ['a red circle', 'something that grows'] },
  { any: ['a red circle', 'a star', 'two shapes'] },
  { all: ['a ring'], any: ['something blue', 'something moving up'], not: ['a cross'] },
  { all: ['a ring'], not: ['something blue', 'a square'] },
  { sequence: ['a ring', 'something blue'] },
  { sequence: ['a ring', 'something blue', 'a star'], withinSeconds: 30 },
  { all: ['a circle'], sequence: ['a ring', 'something blue'], not: ['a star'], withinSeconds: 20 },
];

test.each(SEVERAL.flatMap((texts) => [0, 0.3].map((minRelevance) => ({ texts, minRelevance }))))(
  'finds of several texts what a brute-force search finds, $texts, minRelevance $minRelevance',
  async ({ texts, minRelevance }) => {
    const expected = await bruteForceSearch(library, videos, texts, minRelevance);
    const found = await allPages({ ...texts, minRelevance }, [23, 64]);
    expect(found.map((edge) => edge.video.id)).toEqual(expected.map((edge) => edge.id));
    for (const [i, edge] of found.entries()) {
      expect(edge.score).toBeCloseTo((expected[i] as ExpectedEdge).score, 3);
      expect(edge.relevance).toBeCloseTo((expected[i] as ExpectedEdge).relevance, 4);
    }
  },
);

test('the moments of a sequence come first, in its order and one after the other', async () => {
  const sequence = ['a ring', 'something blue', 'a star'];
  const edges = await allPages({ text: 'a circle', sequence, minRelevance: 0.01 }, [100]);
  expect(edges.length).toBeGreaterThan(0);
  for (const { moments } of edges) {
    const steps = moments.slice(0, 3);
    expect(steps.map((moment) => moment.text)).toEqual(sequence);
    expect(steps.map((step) => step.start)).toEqual(
      steps.map((step) => step.start).toSorted((a, b) => a - b),
    );
    expect(moments.slice(3).every((moment) => moment.text === 'a circle')).toBe(true);
  }
});

test('counts what is relevant on all pages, whichever page is asked', async () => {
  for (const search of [
    { text: 'a star' },
    { text: 'a star', minRelevance: 0 },
    { all: ['a ring', 'a star'] },
  ]) {
    const all = await allPages(search, [100]);
    for (const after of [undefined, all[3]?.cursor]) {
      const page = await searchVideos(library, { ...search, first: 2, after });
      expect(await page.totalRelevant()).toBe(all.length);
    }
  }
});

test('the receipt says what was looked at, and how much of the page a full scoring shares', async () => {
  const clips = videos.flatMap((video) => video.clips).length;
  const page = await searchVideos(library, { text: 'a red ring', first: 10, minRelevance: 0 });
  expect(page.receipt.scan).toBe('FULL');
  expect(await page.receipt.searched()).toEqual({ clips, videos: videos.length });
  expect(page.receipt.scored).toBeGreaterThanOrEqual(200);
  expect(page.receipt.scored).toBeLessThanOrEqual(800);
  const [query = new Float32Array()] = await library.model.encodeTexts(['a red ring']);
  const best = [];
  for (const { id, clips } of videos) {
    best.push({ id, score: Math.max(...(await library.model.score([query], clips))) });
  }
  const top = best.sort((a, b) => b.score - a.score).slice(0, 10);
  const shared = page.edges.filter((edge) => top.some(({ id }) => id === edge.video.id)).length;
  expect(await page.receipt.overlap()).toBe(shared / 10);
});

test('orders what is relevant by age and duration, in pages of any size', async () => {
  const search = { text: 'a star', minRelevance: 0.2 };
  const found = (await allPages(search, [100])).map((edge) => edge.video);
  const byId = (a: Video, b: Video) => (a.id < b.id ? -1 : 1);
  const orders = {
    NEWEST: (a: Video, b: Video) => b.createdAt.getTime() - a.createdAt.getTime() || byId(a, b),
    OLDEST: (a: Video, b: Video) => a.createdAt.getTime() - b.createdAt.getTime() || byId(a, b),
    LONGEST: (a: Video, b: Video) => b.duration - a.duration || byId(a, b),
    SHORTEST: (a: Video, b: Video) => a.duration - b.duration || byId(a, b),
  };
  for (const [orderBy, compare] of Object.entries(orders)) {
    const edges = await allPages({ ...search, orderBy: orderBy as keyof typeof orders }, [20, 50]);
    expect(edges.map((edge) => edge.video.id)).toEqual(found.toSorted(compare).map((video) => video.id));
  }
});

test('without exact scoring it says that it estimates, by the plain cosine', async () => {
  const page = await searchVideos(library, { text: 'a ring', first: 5, minRelevance: 0, exact: false });
  expect(page.approximate).toBe(true);
  const [query = new Float32Array()] = await library.model.encodeTexts(['a ring']);
  for (const { video, score } of page.edges) {
    const clips = videos.find(({ id }) => id === video.id)?.clips ?? [];
    const bare = clips.map(({ embedding }) => ({
      embedding,
      patchFeatures: { form: 'none' as const, bytes: new Uint8Array() },
    }));
    expect(score).toBeCloseTo(Math.max(...(await library.model.score([query], bare))), 4);
  }
});

test('the threshold of the model is the default', async () => {
  const text = 'a star';
  const { minRelevance } = library.model.card.relevance;
  expect(minRelevance).toBeGreaterThan(0);
  expectSame(await allPages({ text }, [40]), await bruteForceSearch(library, videos, text, minRelevance));
});

test('filters come before the blocks', async () => {
  const thirds = videos.filter((_, i) => i % 3 === 0);
  const expected = await bruteForceSearch(library, thirds, 'a ring', 0);
  expectSame(
    await allPages({ text: 'a ring', minRelevance: 0, filter: { tags: ['third'] } }, [33]),
    expected,
  );
  const one = videos[5] as DrawnVideo;
  for (const filter of [{ ids: [one.id] }, { title: one.title.toUpperCase() }]) {
    const edges = await allPages({ text: 'a ring', minRelevance: 0, filter }, [10]);
    expect(edges.map((edge) => edge.video.id)).toEqual([one.id]);
  }
});

test('while videos come and go: none twice, none skipped, no new one', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('a blue square', 'something green', 'two shapes that blink'),
      fc.array(fc.integer({ min: 10, max: 100 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 5 }),
      async (text, sizes, deletions) => {
        const before = videos.map((video) => video.id);
        const deleted = new Set<string>();
        let page = 0;
        const edges = await allPages({ text, minRelevance: 0 }, sizes, async (seen) => {
          for (let i = 0; i < (deletions[page % deletions.length] as number); i++) {
            const video = videos[Math.floor(random() * videos.length)] as DrawnVideo;
            deleted.add(video.id);
            await remove(video);
          }
          await add();
          // What is deleted is the cursor's own video, too, now and then.
          const last = videos.find((video) => video.id === seen.at(-1)?.video.id);
          if (page++ % 3 === 1 && last) {
            deleted.add(last.id);
            await remove(last);
          }
        });
        const found = edges.map((edge) => edge.video.id);
        expect(new Set(found).size).toBe(found.length);
        const kept = before.filter((id) => !deleted.has(id));
        expect(found).toEqual(expect.arrayContaining(kept));
        expect(found.filter((id) => !before.includes(id))).toEqual([]);
        while (videos.length < 290) await add();
      },
    ),
    { numRuns: 6, seed: 11 },
  );
});

test('a page repeats itself, with the same cursors', async () => {
  const search = { text: 'a triangle', minRelevance: 0, first: 20 };
  const first = await searchVideos(library, search);
  expect((await searchVideos(library, search)).edges).toEqual(first.edges);
  const second = { ...search, after: first.edges[9]?.cursor };
  const { edges } = await searchVideos(library, second);
  expect(edges.slice(0, 10)).toEqual(first.edges.slice(10));
});

test('a cursor serves only its own search', async () => {
  const search = { text: 'a triangle', first: 1, minRelevance: 0 };
  const after = (await searchVideos(library, search)).edges[0]?.cursor;
  const bad = { code: 'BAD_CURSOR' };
  await expect(searchVideos(library, { ...search, text: 'a circle', after })).rejects.toMatchObject(bad);
  await expect(searchVideos(library, { ...search, minRelevance: 0.1, after })).rejects.toMatchObject(bad);
  await expect(searchVideos(library, { ...search, filter: { tags: ['x'] }, after })).rejects.toMatchObject(
    bad,
  );
  await expect(searchVideos(library, { ...search, after: 'nonsense' })).rejects.toMatchObject(bad);
  await expect(searchVideos(library, { ...search, text: ' a triangle ', after })).resolves.toBeDefined();
});

test.each([
  [{}, 'Say what to look for'],
  [{ not: ['a'] }, '`not` alone'],
  [{ sequence: ['a'] }, 'two texts'],
  [{ text: 'a', withinSeconds: 3 }, '`sequence`'],
  [{ sequence: ['a', 'b'], withinSeconds: 0 }, '`withinSeconds`'],
  [{ text: 'a', not: [''] }, '`not[0]` is empty'],
  [{ all: Array.from({ length: 11 }, (_, i) => `${i}`) }, '10 texts, not 11'],
])('refuses %j', async (texts, message) => {
  await expect(searchVideos(library, { ...texts, first: 1 })).rejects.toMatchObject({
    ...{ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) },
  });
});

test('bad input is named', async () => {
  const bad = (message: string) => ({ code: 'BAD_USER_INPUT', message: expect.stringContaining(message) });
  await expect(searchVideos(library, { text: ' \n', first: 1 })).rejects.toMatchObject(
    bad('`text` is empty'),
  );
  await expect(searchVideos(library, { text: 'a'.repeat(1001), first: 1 })).rejects.toMatchObject(
    bad('1000'),
  );
  for (const minRelevance of [-0.1, 1.1, Number.NaN]) {
    await expect(searchVideos(library, { text: 'a', first: 1, minRelevance })).rejects.toMatchObject(
      bad('`minRelevance`'),
    );
  }
});

test('stops when the client has gone', async () => {
  const gone = AbortSignal.abort(new Error('gone'));
  await expect(searchVideos(library, { text: 'a', first: 1 }, gone)).rejects.toThrow('gone');
});

test.each([
  ['met in a search', (video: DrawnVideo) => search(video)],
  ['by itself after a start', () => refreshBackgrounds({ ...library, log }, new AbortController().signal)],
])('a background of other texts is computed again, %s, from the features, and kept', async (_, refresh) => {
  const { store, model } = library;
  const video = await add();
  const [clip, ...others] = video.clips;
  if (!clip) throw new Error('A video has clips.');
  await store.clips.setBackground(video.id, model.fingerprint, 0, -1000, 'of other texts');
  await refresh(video);
  const [expected] = await clipBackgrounds(model, [clip]);
  const kept = await store.clips.of(video.id, model.fingerprint);
  expect(kept[0]?.background).toBeCloseTo(expected as number, 3);
  expect(kept[0]?.backgroundHash).toBe(model.backgroundHash);
  expect(kept.slice(1).map((other) => other.background)).toEqual(others.map((other) => other.background));
});

test('one clip without features does not keep the others from being brought up to date', async () => {
  const { store, model } = library;
  const lost = await add();
  const { path } = store.features.location(
    { model: model.fingerprint, videoId: lost.id, edition: 0, index: 0, form: 'fp16' },
    0,
  );
  await rm(path);
  const stale = [lost, ...videos.slice(0, 40)];
  for (const { id } of stale)
    await store.clips.setBackground(id, model.fingerprint, 0, -1000, 'of other texts');
  await refreshBackgrounds({ ...library, log }, new AbortController().signal);
  const left = await store.clips.withOtherBackground({
    ...{ model: model.fingerprint, hash: model.backgroundHash, limit: 100 },
  });
  expect(left.length).toBeLessThan(stale.length);
  expect(left.map((clip) => clip.videoId)).toContain(lost.id);
  await remove(lost);
  await refreshBackgrounds({ ...library, log }, new AbortController().signal);
  expect(
    await store.clips.withOtherBackground({
      model: model.fingerprint,
      hash: model.backgroundHash,
      limit: 100,
    }),
  ).toEqual([]);
});

test('lost patch features are an error of the server, not a crash', async () => {
  const { store, model } = library;
  const video = await add();
  const { path } = store.features.location(
    { model: model.fingerprint, videoId: video.id, edition: 0, index: 0, form: 'fp16' },
    0,
  );
  await rm(path);
  await expect(search(video)).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.not.stringContaining(dirname(path)),
  });
  await remove(video);
  expect(await search(video)).toMatchObject({ edges: [], hasNextPage: false });
});
