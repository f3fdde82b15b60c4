// Search while the video encoder runs without pause, against idle: node search.mjs CHECKPOINT FRAMES. Prints JSON.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openDatabase } from '#src/db/open-database.js';
import { searchVideos } from '#src/search/search-videos.js';
import { createStore } from '#src/store/store.js';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import { LABELS } from './measure.mjs';

const VIDEOS = 100;
const SEARCHES = 100;

const [checkpoint, framesPath] = process.argv.slice(2);
const frames = readFileSync(framesPath);
const dataDir = mkdtempSync(join(tmpdir(), 'clipql-bench-'));
process.on('exit', () => rmSync(dataDir, { recursive: true }));
const db = await openDatabase({ dataDir });
const store = createStore(db, dataDir);
const options = { precision: 'fp32', provider: 'cpu', features: 'fp16' };
const model = await openXClip(await loadCheckpoint(checkpoint, checkpoint, false), options);
await store.models.enter(model);

const { patchFeatures } = await model.encodeClip(frames);
for (let i = 0; i < VIDEOS; i++) await addVideo(i);

const texts = LABELS.values();
await search();
const idle = await searches();
let encoding = true;
let encoded = 0;
const encoder = (async () => {
  for (; encoding; encoded++) await model.encodeClip(frames);
})();
const start = performance.now();
const busy = await searches();
encoding = false;
await encoder;
const minutes = (performance.now() - start) / 60_000;
console.log(
  JSON.stringify({
    videos: VIDEOS,
    searches: SEARCHES,
    rows: [
      ['idle', ...idle, ''],
      ['while the video encoder runs without pause', ...busy, (encoded / minutes).toFixed(1)],
    ],
  }),
);
await model.close();
await db.close();

async function search() {
  const begun = performance.now();
  await searchVideos({ store, model }, { text: texts.next().value, first: 20 });
  return performance.now() - begun;
}

/** p50 and p95. */
async function searches() {
  const times = [];
  for (let i = 0; i < SEARCHES; i++) {
    times.push(await search());
    await setTimeout(100);
  }
  times.sort((a, b) => a - b);
  return [0.5, 0.95].map((p) => `${Math.round(times[Math.floor(p * SEARCHES)])} ms`);
}

/** A searchable video of 4 clips, in random places of the embedding space. */
async function addVideo(number) {
  const title = `video ${number}`;
  await store.ingestions.create({ source: { kind: 'PATH', name: title, path: '/nowhere' } });
  const worker = randomUUID();
  const { id } = await store.queue.claim(worker, 30);
  const lease = { id, worker };
  const { video } = await store.videos.createFor(lease, {
    ...{ sha256: `${number}`.padStart(64, '0'), title, tags: [], metadata: {}, warnings: [] },
    ...{ duration: 40, width: 224, height: 224, frameRate: 25 },
    source: { kind: 'PATH', path: '/nowhere', size: 1, mtimeMs: 1 },
    segmentation: { clipSeconds: 10, overlap: 0, scenes: false },
  });
  // All in one, as if of one clip.
  const key = { model: model.fingerprint, videoId: video.id, edition: 0, index: 0, form: options.features };
  await store.features.write(key, Buffer.concat(Array(4).fill(patchFeatures)));
  for (let index = 0; index < 4; index++) {
    const direction = Float32Array.from({ length: model.dimensions }, () => Math.random() - 0.5);
    const length = Math.hypot(...direction);
    await store.clips.add(lease, model.fingerprint, {
      ...{ ...options, videoId: video.id, edition: 0, index, start: index * 10, end: index * 10 + 10 },
      ...{ embedding: direction.map((x) => x / length), background: 0, backgroundHash: model.backgroundHash },
    });
  }
  await store.videos.complete(lease, video.id, model.fingerprint, 4);
  await store.queue.succeed(lease, { duplicate: false, videoId: video.id });
}
