import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MomentSearch, type MomentSearchEdge, searchMoments } from '#src/search/search-moments.js';
import { type Library, openLibrary } from '../open-library.js';
import { addDrawnVideo, type DrawnVideo, seeded } from './drawn-library.js';

let library: Library;
const videos: DrawnVideo[] = [];
const random = seeded(3);

beforeAll(async () => {
  library = await openLibrary();
  for (let i = 0; i < 40; i++) {
    videos.push(
      await addDrawnVideo(library, random, 1 + Math.floor(random() * 20), i % 4 === 0 ? ['some'] : []),
    );
  }
});

afterAll(() => library.close());

async function allPages(search: Omit<MomentSearch, 'first' | 'after'>, sizes: number[]) {
  const all: MomentSearchEdge[] = [];
  for (let page = 0; ; page++) {
    const first = sizes[page % sizes.length] as number;
    const { edges, hasNextPage } = await searchMoments(library, {
      ...search,
      first,
      after: all.at(-1)?.cursor,
    });
    all.push(...edges);
    if (!hasNextPage) return all;
    expect(edges).toHaveLength(first);
  }
}

interface Texts {
  all: string[];
  any?: string[];
  not?: string[];
}

/** How far all texts hold of each clip of a video, in order of time. */
async function relevances({ clips }: DrawnVideo, { all, any = [], not = [] }: Texts): Promise<number[]> {
  const { model } = library;
  const { a, b } = model.card.relevance;
  const of = async (text: string) => {
    const [query = new Float32Array()] = await model.encodeTexts([text]);
    const logits = await model.score([query], clips);
    return clips.map((clip, i) => 1 / (1 + Math.exp(-(a * ((logits[i] as number) - clip.background) + b))));
  };
  const each = { all: [] as number[][], any: [] as number[][], not: [] as number[][] };
  for (const text of all) each.all.push(await of(text));
  for (const text of any) each.any.push(await of(text));
  for (const text of not) each.not.push(await of(text));
  return clips.map((_, i) => {
    const at = (numbers: number[][]) => numbers.map((list) => list[i] as number);
    const alternatives = any.length > 0 ? [Math.max(...at(each.any))] : [];
    return Math.min(...at(each.all), ...alternatives, ...at(each.not).map((x) => 1 - x));
  });
}

/** Every moment of the library, by looking at every clip: runs of clips that match. */
async function bruteForce(texts: Texts, relevant: number, minRelevance: number, among = videos) {
  const moments = [];
  for (const video of among) {
    const fits = await relevances(video, texts);
    for (let from = 0; from < fits.length; ) {
      let to = from + 1;
      if ((fits[from] as number) >= relevant) while ((fits[to] ?? -1) >= relevant) to++;
      const relevance = Math.max(...fits.slice(from, to));
      if (relevance >= minRelevance)
        moments.push({ id: video.id, start: from * 10, end: to * 10, relevance });
      from = to;
    }
  }
  return moments;
}

const order = (a: { id: string; start: number }, b: { id: string; start: number }) =>
  a.id === b.id ? a.start - b.start : a.id < b.id ? -1 : 1;

test.each([
  [{ all: ['a red circle'] }, 0],
  [{ all: ['a red circle'] }, 0.3],
  [{ all: ['a ring'], not: ['something blue'] }, 0],
  [{ all: ['a ring'], any: ['something blue', 'a star'] }, 0],
])('finds each moment of the library once, %j, minRelevance %d', async (texts, minRelevance) => {
  const relevant = Math.max(minRelevance, library.model.card.relevance.minRelevance);
  const expected = await bruteForce(texts, relevant, minRelevance);
  const edges = await allPages({ ...texts, minRelevance }, [7, 30]);
  const found = edges.map(({ video, moment }) => ({ id: video.id, ...moment }));
  // With a threshold a search ends before the library does: what it finds is there, and the rest is farther away.
  if (minRelevance === 0) expect(found).toHaveLength(expected.length);
  expect(found.length).toBeGreaterThan(0);
  const places = new Map(expected.map((moment) => [`${moment.id} ${moment.start}`, moment]));
  for (const { id, start, end, relevance } of found.sort(order)) {
    const twin = places.get(`${id} ${start}`);
    places.delete(`${id} ${start}`);
    expect(end).toBe(twin?.end);
    expect(relevance).toBeCloseTo(twin?.relevance as number, 4);
  }
  expect(places.size).toBe(minRelevance === 0 ? 0 : expected.length - found.length);
});

test('moments of a page come best first, and a filter holds', async () => {
  const filter = { tags: ['some'] };
  const { edges } = await searchMoments(library, { text: 'a star', first: 10, minRelevance: 0, filter });
  const scores = edges.map((edge) => edge.moment.score);
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  expect(edges.every((edge) => edge.video.tags.includes('some'))).toBe(true);
});

test('a moment that begins and ends in a long stretch is whole, from whichever of its clips it is found', async () => {
  const { minRelevance } = library.model.card.relevance;
  const long = await addDrawnVideo(library, random, 300);
  const { store, model } = library;
  // All its clips match, whatever they show: their backgrounds are far below any logit.
  for (const { index } of long.clips) {
    await store.clips.setBackground(long.id, model.fingerprint, index, -1000, model.backgroundHash);
  }
  const filter = { ids: [long.id] };
  for (const text of ['a star', 'a ring', 'something red']) {
    const edges = await allPages({ text, minRelevance, filter }, [5]);
    expect(edges.map(({ moment }) => [moment.start, moment.end])).toEqual([[0, 3000]]);
  }
  await store.videos.delete(long.id);
});
