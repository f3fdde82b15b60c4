import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Database } from '#src/db/database.js';
import { createStore, type Store } from '#src/store/store.js';
import type { EmbeddedClip, Lease, Video } from '#src/store/types.js';
import { type FreshDatabase, freshDatabase } from '../db/fresh-database.js';

export const MODEL = 'f'.repeat(64);
export const DIMENSIONS = 3;

/** An empty library with an active model for each test; its parts are there once a test runs. */
export interface TestLibrary {
  db: Database;
  store: Store;
  dataDir: string;
}

/** Makes the libraries of the tests of one `describe`: one database for all, emptied in between. */
export function testLibrary(kind: Database['kind']): TestLibrary {
  const library = {} as TestLibrary;
  let fresh: FreshDatabase;
  beforeAll(async () => {
    fresh = await freshDatabase(kind);
  });
  afterAll(() => fresh.remove());
  beforeEach(async () => {
    await fresh.db.query(
      'TRUNCATE model, wanted_model, video, ingestion, clip, next_clip, searchable, label_set, label, label_example RESTART IDENTITY',
    );
    library.dataDir = await mkdtemp(join(tmpdir(), 'clipql-library-'));
    library.db = fresh.db;
    library.store = createStore(fresh.db, library.dataDir);
    await library.store.models.enter({
      ...{ fingerprint: MODEL, name: 'test', dimensions: DIMENSIONS, frames: 8, sampling: 'UNIFORM' },
    });
  });
  afterEach(() => rm(library.dataDir, { recursive: true }));
  return library;
}

export const sha256 = (name: string) => createHash('sha256').update(name).digest('hex');

/** What `createFor` needs of a video of the bytes that `name` stands for. */
export function videoOf(name: string) {
  return {
    ...{ sha256: sha256(name), title: name, tags: [], metadata: {}, warnings: [] },
    ...{ duration: 20, width: 64, height: 48, frameRate: 25, source: { kind: 'UPLOAD' as const } },
    segmentation: { clipSeconds: 10, overlap: 0, scenes: false },
  };
}

/** Queues an ingestion and claims it; nothing else may be due. */
export async function claimed(store: Store, uploadId: string = randomUUID()): Promise<Lease> {
  const { id } = await store.ingestions.create({ source: { kind: 'UPLOAD', name: 'a.mp4', uploadId } });
  const worker = randomUUID();
  const ingestion = await store.queue.claim(worker, 30);
  if (ingestion?.id !== id) throw new Error('Another ingestion was due.');
  return { id, worker };
}

export function clipOf(videoId: string, index: number, embedding: number[] = [1, 0, 0]): EmbeddedClip {
  return {
    ...{ videoId, edition: 0, index, start: index * 10, end: index * 10 + 10 },
    ...{ background: 0.5, backgroundHash: 'h' },
    ...{ precision: 'fp32', provider: 'cpu', features: 'fp16' },
    embedding: Float32Array.from(embedding),
  };
}

/** A video ingested to its end, with a clip for each embedding. */
export async function ingested(
  store: Store,
  video: Parameters<Store['videos']['createFor']>[1],
  embeddings: number[][] = [[1, 0, 0]],
): Promise<Video> {
  const lease = await claimed(store);
  const { video: made } = await store.videos.createFor(lease, video);
  for (const [index, embedding] of embeddings.entries()) {
    await store.features.write(
      { model: MODEL, videoId: made.id, edition: 0, index, form: 'fp16' },
      new Uint8Array(12).fill(index),
    );
    await store.clips.add(lease, MODEL, clipOf(made.id, index, embedding));
  }
  await store.videos.complete(lease, made.id, MODEL, embeddings.length);
  await store.queue.succeed(lease, { duplicate: false, videoId: made.id });
  return made;
}

/** Fills the library with searchable videos at once, one snapshot each, in their order; gives their ids. */
export async function stock(
  db: Database,
  videos: { tags: string[]; clips: number[][] }[],
): Promise<string[]> {
  const rows = videos.map(({ tags, clips }, i) => ({
    id: randomUUID(),
    name: `v${i}`,
    tags,
    clips,
    snapshot: i + 1,
  }));
  const json = JSON.stringify(rows);
  const given = `jsonb_to_recordset($1::jsonb) AS r (id uuid, name text, tags text[], clips jsonb, snapshot bigint)`;
  await db.query(
    `INSERT INTO video (id, sha256, title, title_folded, tags, metadata, duration, width, height, source_kind, warnings)
     SELECT id, name, name, name, tags, '{}', 20, 64, 48, 'UPLOAD', '[]' FROM ${given}`,
    [json],
  );
  await db.query(
    `INSERT INTO clip (video_id, model, index, start_time, end_time, embedding, background, background_hash,
       precision, provider, features)
     SELECT id, '${MODEL}', c.number - 1, 10 * (c.number - 1), 10 * c.number, c.clip::text::vector, 0.5, 'h',
       'fp32', 'cpu', 'fp16'
     FROM ${given}, jsonb_array_elements(clips) WITH ORDINALITY AS c (clip, number)`,
    [json],
  );
  await db.query(
    `INSERT INTO searchable (video_id, model, snapshot) SELECT id, '${MODEL}', snapshot FROM ${given}`,
    [json],
  );
  return rows.map(({ id }) => id);
}
