import { afterAll, beforeAll, expect, test } from 'vitest';
import { classifyVideo } from '#src/search/classify/classify-video.js';
import { searchVideos } from '#src/search/search-videos.js';
import { type Library, openLibrary } from '../open-library.js';
import { bruteForceSearch } from './brute-force-search.js';
import { addDrawnVideo, type DrawnVideo, seeded } from './drawn-library.js';

// A library whose clips' patch features are kept in several forms, as after changes of the setting.

const FORMS = ['fp16', 'int8', 'none'] as const;
const text = 'a red circle moving left';
let library: Library;
const videos: DrawnVideo[] = [];

beforeAll(async () => {
  library = await openLibrary();
  const random = seeded(5);
  for (let i = 0; i < 30; i++) {
    const form = FORMS[i % FORMS.length] as (typeof FORMS)[number];
    videos.push(await addDrawnVideo(library, random, 3, [form], form));
  }
});

afterAll(() => library.close());

test('a search scores each clip by its own form, and says that some scores are estimates', async () => {
  const found = await searchVideos(library, { text, first: 100, minRelevance: 0 });
  const expected = await bruteForceSearch(library, videos, text, 0);
  expect(found.edges.map((edge) => edge.video.id)).toEqual(expected.map(({ id }) => id));
  for (const [i, edge] of found.edges.entries()) {
    expect(edge.score).toBeCloseTo(expected[i]?.score as number, 3);
  }
  expect(found.approximate).toBe(true);
});

test.each(FORMS)('among clips in %s only', async (form) => {
  const filter = { tags: [form] };
  const found = await searchVideos(library, { text, first: 5, minRelevance: 0, filter });
  expect(found.approximate).toBe(form === 'none');
  const nothing = await searchVideos(library, { text, first: 5, minRelevance: 1, filter });
  expect(nothing).toMatchObject({ edges: [], approximate: form === 'none' });
});

test.each(FORMS)('a video whose clips are in %s is classified by their logits', async (form) => {
  const { id, clips } = videos[FORMS.indexOf(form)] as DrawnVideo;
  const labels = ['a red circle', 'a blue square'];
  const result = await classifyVideo(library, { id, labels });
  expect(result.approximate).toBe(form === 'none');
  const { model } = library;
  const logits = await model.score(await model.encodeTexts(labels), clips);
  const mean = (label: number) => clips.reduce((sum, _, i) => sum + (logits[i * 2 + label] as number), 0) / 3;
  for (const { label, logit } of result.labels) expect(logit).toBeCloseTo(mean(labels.indexOf(label)), 3);
});
