// The first block of a search among many clips, under filters, by a look at every clip and by the vector index of a server:
// node scale.mjs CLIPS. 512 numbers a clip, unit vectors around 2,000 centres, two clips a video; no model is run.
import { keepVectorIndexes } from '#src/store/vector-index.js';
import { addVideos, openStore, percentile, seeded } from './library.mjs';

const DIMENSIONS = 512;
const CENTRES = 2_000;
const BLOCK = 200;
const QUERIES = 40;
/** Videos of which a filter lets through one in so many. */
const RARE = [1, 10, 100, 1000];

const clips = Number(process.argv[2]);
const random = seeded(2);
const gauss = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const unit = (vector) => {
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
};
const centres = Array.from({ length: CENTRES }, () => unit(Float32Array.from({ length: DIMENSIONS }, gauss)));
const near = (centre) => unit(centre.map((x) => x + (0.8 * gauss()) / Math.sqrt(DIMENSIONS)));
const any = () => centres[Math.floor(random() * CENTRES)];

const { db, store } = await openStore();
const model = { fingerprint: 'f'.repeat(64), name: 'drawn', dimensions: DIMENSIONS, frames: 8 };
Object.assign(model, { sampling: 'UNIFORM', backgroundHash: 'h' });
await store.models.enter(model);
const columns = (i) => ({ tags: RARE.filter((rare) => i % rare === 0).map((rare) => `1 in ${rare}`) });
for (let i = 0; i < clips / 2; i += 1000) {
  const videos = Array.from({ length: Math.min(1000, clips / 2 - i) }, () => {
    const centre = any();
    return [near(centre), near(centre)].map((embedding) => ({ embedding, background: 0 }));
  });
  await addVideos({ db, store, model }, videos, (v) => columns(i + v));
}
await db.query('ANALYZE');
const queries = Array.from({ length: QUERIES }, () => near(any()));

async function measure() {
  const rows = [];
  for (const rare of RARE) {
    const [times, blocks, scans] = [[], [], new Set()];
    for (const query of queries) {
      const begun = performance.now();
      const { videos, scan } = await store.clips.nearestVideos({
        ...{ model: model.fingerprint, queries: { all: [query], any: [] }, snapshot: 0, limit: BLOCK },
        filter: rare === 1 ? {} : { tags: [`1 in ${rare}`] },
      });
      times.push(performance.now() - begun);
      blocks.push(videos.map((video) => video.videoId));
      scans.add(scan);
    }
    rows.push({ rare, times, blocks, scans });
  }
  return rows;
}

function print(rows, exact) {
  for (const [r, { rare, times, blocks, scans }] of rows.entries()) {
    const fitting = Math.min(BLOCK, Math.ceil(clips / 2 / rare));
    const full = blocks.filter((block) => block.length === fitting).length;
    const recall = blocks.map((block, q) => {
      const found = new Set(block);
      return exact[r].blocks[q].filter((id) => found.has(id)).length / exact[r].blocks[q].length;
    });
    const mean = recall.reduce((sum, x) => sum + x, 0) / recall.length;
    const cells = [`${100 / rare} %`, [...scans].join(', '), `${full} of ${QUERIES}`, mean.toFixed(4)];
    cells.push(`${percentile(times, 0.5).toFixed(1)} ms`, `${percentile(times, 0.95).toFixed(1)} ms`);
    console.log(`| ${cells.join(' | ')} |`);
  }
}

console.log(`${db.kind}: ${clips} clips of ${DIMENSIONS} numbers in ${clips / 2} videos`);
console.log(
  `| let through | scan | blocks of ${BLOCK} full | recall | p50 | p95 |\n|---|---|---|---|---|---|`,
);
const exact = await measure();
print(exact, exact);
if (db.kind === 'server') {
  const begun = performance.now();
  await keepVectorIndexes(db, new AbortController().signal);
  console.log(`index built in ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  await db.query('ANALYZE');
  print(await measure(), exact);
}
await db.close();
