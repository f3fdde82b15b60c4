// Two stages against brute force: node two-stages.mjs FOLDER (of draw.py). The clips are embedded by the bundled model and
// stored as videos of 1 to 8 clips; of each text the first 20 videos are compared with an exact scoring of every clip. On a
// server a second time with a vector index.
import { openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { searchVideos } from '#src/search/search-videos.js';
import { keepVectorIndexes } from '#src/store/vector-index.js';
import { clipBackgrounds } from '#src/xclip/clip-backgrounds.js';
import { addVideos, openLibrary, percentile, seeded } from './library.mjs';

const TOP = 20;
/** Brute force is timed on so many texts, alone, as a search would have to do it. */
const TIMED = 20;
const BYTES = 8 * 64 * 64 * 3;

const [folder] = process.argv.slice(2);
const texts = JSON.parse(readFileSync(join(folder, 'texts.json')));
const library = await openLibrary('models/clipql-shapes');
const { db, model } = library;
const random = seeded(1);

const clips = await encodeAll(join(folder, 'frames.bin'));
const videos = [];
for (let i = 0; i < clips.length; ) {
  const count = 1 + Math.floor(random() * 8);
  videos.push(clips.slice(i, i + count));
  i += count;
}
const ids = [];
for (let i = 0; i < videos.length; i += 100)
  ids.push(...(await addVideos(library, videos.slice(i, i + 100))));
await db.query('ANALYZE');

const embeddings = await model.encodeTexts(texts);
const best = await bestLogits();
console.log(`${db.kind}: ${clips.length} clips in ${videos.length} videos, ${texts.length} texts`);
await compare('every clip looked at');
if (db.kind === 'server') {
  await keepVectorIndexes(db, new AbortController().signal, 1);
  await db.query('ANALYZE');
  await compare('by the index');
}
await library.close();

async function compare(how) {
  const [times, fullTimes, overlaps, scans] = [[], [], [], new Set()];
  for (const [t, text] of texts.entries()) {
    const begun = performance.now();
    const { edges, receipt } = await searchVideos(library, { text, first: TOP, minRelevance: 0 });
    times.push(performance.now() - begun);
    scans.add(receipt.scan);
    const expected = new Set(
      ids
        .map((id, v) => ({ id, logit: best[v][t] }))
        .sort((a, b) => b.logit - a.logit)
        .slice(0, TOP)
        .map(({ id }) => id),
    );
    overlaps.push(edges.filter((edge) => expected.has(edge.video.id)).length / TOP);
  }
  for (let t = 0; t < TIMED; t++) {
    const { receipt } = await searchVideos(library, { text: texts[t], first: TOP, minRelevance: 0 });
    const begun = performance.now();
    await receipt.overlap();
    fullTimes.push(performance.now() - begun);
  }
  const mean = (list) => (list.reduce((sum, x) => sum + x, 0) / list.length).toFixed(4);
  const world = mean(overlaps.slice(0, (texts.length * 9) / 10));
  console.log(`${how} (${[...scans]}): of the top ${TOP}, ${mean(overlaps)} are those of brute force;`);
  console.log(`of texts about the clips' world ${world}`);
  const ms = (list) =>
    `p50 ${percentile(list, 0.5).toFixed(0)} ms, p95 ${percentile(list, 0.95).toFixed(0)} ms`;
  console.log(`two stages ${ms(times)}; brute force ${ms(fullTimes)}`);
}

async function encodeAll(path) {
  const file = openSync(path);
  const all = [];
  for (let position = 0; ; position += BYTES) {
    const frames = new Uint8Array(BYTES);
    if (readSync(file, frames, 0, BYTES, position) < BYTES) return all;
    const { embedding, patchFeatures } = await model.encodeClip(frames);
    const clip = { embedding, patchFeatures: { form: 'fp16', bytes: patchFeatures } };
    const [background] = await clipBackgrounds(model, [clip]);
    all.push({ embedding, patchFeatures, background });
  }
}

/** Of each video and text the largest logit: [videos][texts]. */
async function bestLogits() {
  const rows = [];
  for (const clips of videos) {
    const scorable = clips.map(({ embedding, patchFeatures }) => ({
      embedding,
      patchFeatures: { form: 'fp16', bytes: patchFeatures },
    }));
    const logits = await model.score(embeddings, scorable);
    rows.push(texts.map((_, t) => Math.max(...clips.map((_, c) => logits[c * texts.length + t]))));
  }
  return rows;
}
