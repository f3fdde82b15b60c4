// A library in a database of its own, filled without ingestion: clips that are already embedded, or drawn vectors.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '#src/db/open-database.js';
import { createStore } from '#src/store/store.js';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';

const OPTIONS = { precision: 'fp32', provider: 'cpu', features: 'fp16' };

/** On the server of DATABASE_URL (an empty database), else embedded. */
export async function openStore() {
  const dataDir = mkdtempSync(join(tmpdir(), 'clipql-bench-'));
  process.on('exit', () => rmSync(dataDir, { recursive: true }));
  const db = await openDatabase({ url: process.env.DATABASE_URL, dataDir });
  return { db, store: createStore(db, dataDir) };
}

/** The same, with a model. */
export async function openLibrary(checkpoint) {
  const { db, store } = await openStore();
  const model = await openXClip(await loadCheckpoint(checkpoint, 'bench', false), OPTIONS);
  await store.models.enter(model);
  const close = async () => {
    await model.close();
    await db.close();
  };
  return { db, store, model, close };
}

/** Videos at once, each a list of clips `{ embedding, patchFeatures?, background }`; gives their ids. */
export async function addVideos({ db, store, model }, videos, columns = () => ({})) {
  const { fingerprint, backgroundHash } = model;
  const rows = videos.map((clips, i) => ({ id: randomUUID(), clips, ...columns(i) }));
  for (const { id, clips } of rows) {
    if (!clips[0].patchFeatures) continue;
    // All in one, as if of one clip.
    const key = { model: fingerprint, videoId: id, edition: 0, index: 0, form: 'fp16' };
    await store.features.write(key, Buffer.concat(clips.map((clip) => clip.patchFeatures)));
  }
  const json = JSON.stringify(
    rows.map(({ clips, ...row }) => ({
      ...row,
      clips: clips.map((clip) => [`[${Array.from(clip.embedding)}]`, clip.background]),
    })),
  );
  const given = `jsonb_to_recordset($1::jsonb) AS r (id uuid, clips jsonb, tags text[], metadata jsonb)`;
  await db.transaction(async (tx) => {
    await tx.query(
      `INSERT INTO video (id, sha256, title, title_folded, tags, metadata, duration, width, height, source_kind, warnings)
       SELECT id, id::text, id::text, id::text, coalesce(tags, '{}'), coalesce(metadata, '{}'), 10 * jsonb_array_length(clips),
         64, 64, 'UPLOAD', '[]' FROM ${given}`,
      [json],
    );
    await tx.query(
      `INSERT INTO clip (video_id, model, index, start_time, end_time, embedding, background, background_hash,
         precision, provider, features)
       SELECT id, $2, c.number - 1, 10 * (c.number - 1), 10 * c.number, (c.clip->>0)::vector, (c.clip->>1)::float8, $3,
         'fp32', 'cpu', 'fp16'
       FROM ${given}, jsonb_array_elements(clips) WITH ORDINALITY AS c (clip, number)`,
      [json, fingerprint, backgroundHash],
    );
    await tx.query(`INSERT INTO searchable (video_id, model, snapshot) SELECT id, $2, 0 FROM ${given}`, [
      json,
      fingerprint,
    ]);
  });
  return rows.map((row) => row.id);
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function percentile(times, share) {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
