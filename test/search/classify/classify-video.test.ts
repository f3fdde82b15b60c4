import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { classifyVideo } from '#src/search/classify/classify-video.js';
import { type Library, openLibrary } from '../../open-library.js';
import { addDrawnVideo, type DrawnVideo, seeded } from '../drawn-library.js';

let library: Library;
let short: DrawnVideo;
let long: DrawnVideo;
const labels = ['a red circle', 'a blue square', 'nothing'];

beforeAll(async () => {
  library = await openLibrary();
  const random = seeded(3);
  short = await addDrawnVideo(library, random, 1);
  long = await addDrawnVideo(library, random, 5);
});

afterAll(() => library.close());

/** Row-major [clips, texts], straight from the model. */
async function logitsOf(video: DrawnVideo, texts: string[]): Promise<number[][]> {
  const { model } = library;
  const logits = await model.score(await model.encodeTexts(texts), video.clips);
  return video.clips.map((_, i) => [...logits.subarray(i * texts.length, (i + 1) * texts.length)]);
}

const softmax = (x: number[]) => x.map((a) => 1 / x.reduce((sum, b) => sum + Math.exp(b - a), 0));

test('of one clip the logits are the model’s own, the probabilities their softmax', async () => {
  const { video, labels: scores } = await classifyVideo(library, { id: short.id, labels });
  expect(video.id).toBe(short.id);
  const [logits = []] = await logitsOf(short, labels);
  const probabilities = softmax(logits);
  for (const [i, label] of labels.entries()) {
    const score = scores.find((score) => score.label === label);
    expect(score?.logit).toBeCloseTo(logits[i] as number, 4);
    expect(score?.probability).toBeCloseTo(probabilities[i] as number, 5);
  }
  expect(scores.map((score) => score.probability)).toEqual(
    probabilities.toSorted((a, b) => b - a).map((p) => expect.closeTo(p, 5)),
  );
});

test('of several clips it is the softmax of the mean logits, of those that overlap the time', async () => {
  const logits = await logitsOf(long, labels);
  const expectMean = async (time: { start?: number; end?: number }, clips: number[]) => {
    const { labels: scores } = await classifyVideo(library, { id: long.id, labels, ...time });
    const means = labels.map(
      (_, l) => clips.reduce((sum, c) => sum + (logits[c]?.[l] as number), 0) / clips.length,
    );
    const probabilities = softmax(means);
    for (const [l, label] of labels.entries()) {
      const score = scores.find((score) => score.label === label);
      expect(score?.logit).toBeCloseTo(means[l] as number, 4);
      expect(score?.probability).toBeCloseTo(probabilities[l] as number, 5);
    }
  };
  await expectMean({}, [0, 1, 2, 3, 4]);
  await expectMean({ start: 10, end: 20 }, [1]);
  await expectMean({ start: 9.9, end: 20.1 }, [0, 1, 2]);
  await expectMean({ start: 40 }, [4]);
  await expectMean({ end: 10 }, [0]);
});

test('a template frames the label; the label comes back as sent', async () => {
  const sent = [' red circle ', 'blue square'];
  const { labels: scores } = await classifyVideo(library, {
    id: short.id,
    labels: sent,
    template: 'a video of a {}',
  });
  const [logits = []] = await logitsOf(short, ['a video of a red circle', 'a video of a blue square']);
  expect(scores.find((score) => score.label === ' red circle ')?.logit).toBeCloseTo(logits[0] as number, 4);
  expect(scores.find((score) => score.label === 'blue square')?.logit).toBeCloseTo(logits[1] as number, 4);
});

test('one label is certain; a thousand add up to one', async () => {
  expect((await classifyVideo(library, { id: short.id, labels: ['a dog'] })).labels[0]?.probability).toBe(1);
  const many = Array.from({ length: 1000 }, (_, i) => `label ${i}`);
  const { labels: scores } = await classifyVideo(library, { id: long.id, labels: many });
  expect(scores).toHaveLength(1000);
  expect(scores.reduce((sum, score) => sum + score.probability, 0)).toBeCloseTo(1, 9);
});

test('too many pairs are refused before any is scored', async () => {
  const video = await addDrawnVideo(library, seeded(4), 201);
  const many = Array.from({ length: 1000 }, (_, i) => `label ${i}`);
  await expect(classifyVideo(library, { id: video.id, labels: many })).rejects.toMatchObject({
    code: 'TOO_COSTLY',
    message: expect.stringContaining('201000'),
  });
});

test('what cannot be classified is named', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000';
  await expect(classifyVideo(library, { id: unknown, labels })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(classifyVideo(library, { id: 'nonsense', labels })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  for (const time of [
    { start: 50 },
    { start: 2, end: 2 },
    { start: 3, end: 2 },
    { start: -1 },
    { end: 0 },
    { end: Number.NaN },
  ]) {
    await expect(
      classifyVideo(library, { id: long.id, labels, ...time }),
      JSON.stringify(time),
    ).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  }
});

test('a video that is not embedded yet is not ready', async () => {
  const { store } = library;
  const ingestion = await store.ingestions.create({ source: { kind: 'PATH', name: 'x', path: '/x' } });
  const lease = { id: ingestion.id, worker: 'me' };
  await store.queue.claim('me', 30);
  const { video } = await store.videos.createFor(lease, {
    ...{ sha256: 'f'.repeat(64), title: 'x', tags: [], metadata: {}, warnings: [] },
    ...{ duration: 10, width: 64, height: 64, frameRate: 25 },
    source: { kind: 'PATH', path: '/x', size: 1, mtimeMs: 1 },
    segmentation: { clipSeconds: 10, overlap: 0, scenes: false },
  });
  await expect(classifyVideo(library, { id: video.id, labels })).rejects.toMatchObject({
    code: 'VIDEO_NOT_READY',
  });
});

test('stops when the client has gone', async () => {
  const gone = AbortSignal.abort(new Error('gone'));
  await expect(classifyVideo(library, { id: long.id, labels: ['never asked before'] }, gone)).rejects.toThrow(
    'gone',
  );
});

test('lost patch features are an error of the server, not a crash', async () => {
  const { store, model } = library;
  const video = await addDrawnVideo(library, seeded(5), 2);
  await rm(
    store.features.location(
      { model: model.fingerprint, videoId: video.id, edition: 0, index: 0, form: 'fp16' },
      0,
    ).path,
  );
  await expect(classifyVideo(library, { id: video.id, labels })).rejects.toMatchObject({ code: 'INTERNAL' });
});
