import { afterAll, beforeAll, expect, test } from 'vitest';
import { explainVideo } from '#src/search/explain-video.js';
import { type SimilarVideo, similarVideos } from '#src/search/similar-videos.js';
import { type Library, openLibrary } from '../open-library.js';
import { addDrawnVideo, type DrawnVideo, seeded } from './drawn-library.js';

let library: Library;
const videos: DrawnVideo[] = [];
const random = seeded(5);

beforeAll(async () => {
  library = await openLibrary();
  for (let i = 0; i < 120; i++) {
    videos.push(await addDrawnVideo(library, random, 1 + Math.floor(random() * 4), i % 2 ? ['odd'] : []));
  }
});

afterAll(() => library.close());

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, x, i) => sum + x * (b[i] as number), 0);

/** Every other video by its nearest clip to the mean of these clips. */
function bruteForce(of: DrawnVideo, clips: DrawnVideo['clips'], among: DrawnVideo[]) {
  const sum = Array.from({ length: library.model.dimensions }, (_, i) =>
    clips.reduce((total, clip) => total + (clip.embedding[i] as number), 0),
  );
  const mean = sum.map((x) => x / Math.hypot(...sum));
  return among
    .filter((video) => video !== of)
    .map((video) => {
      const near = video.clips
        .map((clip) => ({ start: clip.start, similarity: dot(clip.embedding, mean) }))
        .reduce((a, b) => (b.similarity > a.similarity ? b : a));
      return { id: video.id, ...near };
    })
    .sort((a, b) => b.similarity - a.similarity);
}

async function allPages(search: Parameters<typeof similarVideos>[1]): Promise<SimilarVideo[]> {
  const all: SimilarVideo[] = [];
  for (;;) {
    const page = await similarVideos(library, { ...search, after: all.at(-1)?.cursor });
    all.push(...page.edges);
    if (!page.hasNextPage) return all;
  }
}

test('are all others, by the cosine of their nearest clip, in pages of any size', async () => {
  const of = videos.find((video) => video.clips.length === 4) as DrawnVideo;
  for (const [part, clips] of [
    [{}, of.clips],
    [{ start: 12, end: 25 }, of.clips.slice(1, 3)],
  ] as const) {
    const expected = bruteForce(of, [...clips], videos);
    for (const first of [7, 100]) {
      const found = await allPages({ id: of.id, ...part, first });
      expect(found.map((edge) => edge.video.id)).toEqual(expected.map(({ id }) => id));
      for (const [i, { similarity, clip }] of found.entries()) {
        expect(similarity).toBeCloseTo(expected[i]?.similarity as number, 5);
        expect(clip.start).toBe(expected[i]?.start);
      }
    }
  }
});

test('only among those that a filter lets through', async () => {
  const [of] = videos as [DrawnVideo];
  const found = await allPages({ id: of.id, first: 50, filter: { tags: ['odd'] } });
  const odd = videos.filter((_, i) => i % 2 === 1);
  expect(found.map((edge) => edge.video.id)).toEqual(bruteForce(of, of.clips, odd).map(({ id }) => id));
});

test('bad input has its code', async () => {
  const [of] = videos as [DrawnVideo];
  const code = async (search: Partial<Parameters<typeof similarVideos>[1]>) =>
    similarVideos(library, { id: of.id, first: 1, ...search }).catch((error) => error.code);
  expect(await code({ id: 'unknown' })).toBe('NOT_FOUND');
  expect(await code({ start: 5, end: 1 })).toBe('BAD_USER_INPUT');
  expect(await code({ start: 5000 })).toBe('BAD_USER_INPUT');
  expect(await code({ after: 'x' })).toBe('BAD_CURSOR');
});

test('an explanation tells of every clip what a search goes by', async () => {
  const { model } = library;
  const of = videos.find((video) => video.clips.length === 4) as DrawnVideo;
  const [query = new Float32Array()] = await model.encodeTexts(['a red ring']);
  const logits = await model.score([query], of.clips);
  const { video, clips } = await explainVideo(library, { id: of.id, text: ' a red ring ' });
  expect(video.id).toBe(of.id);
  expect(clips.map(({ start, end }) => [start, end])).toEqual(of.clips.map(({ start, end }) => [start, end]));
  const { a, b } = model.card.relevance;
  for (const [i, clip] of clips.entries()) {
    const { background, embedding } = of.clips[i] as DrawnVideo['clips'][0];
    expect(clip.cosine).toBeCloseTo(dot(embedding, query) / Math.hypot(...query), 5);
    expect(clip.logit).toBeCloseTo(logits[i] as number, 4);
    expect(clip.background).toBe(background);
    const relevance = 1 / (1 + Math.exp(-(a * ((logits[i] as number) - background) + b)));
    expect(clip.relevance).toBeCloseTo(relevance, 4);
  }
  expect((await explainVideo(library, { id: of.id, text: 'a', start: 11, end: 19 })).clips).toHaveLength(1);
  await expect(explainVideo(library, { id: 'unknown', text: 'a' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});
