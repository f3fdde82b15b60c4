import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { searchMoments } from '#src/search/search-moments.js';
import { searchVideos } from '#src/search/search-videos.js';
import { keepVectorIndexes } from '#src/store/vector-index.js';
import { type Library, openLibrary } from '../open-library.js';
import { seeded } from './drawn-library.js';

const VIDEOS = 1200;

let library: Library;
const random = seeded(13);

/** Searchable videos of one clip each, in random places of the embedding space, without patch features; their ids. */
async function addMany(count: number): Promise<string[]> {
  const { db, model } = library;
  const rows = Array.from({ length: count }, () => {
    const direction = Array.from({ length: model.dimensions }, () => random() - 0.5);
    const length = Math.hypot(...direction);
    return { id: randomUUID(), embedding: `[${direction.map((x) => x / length)}]` };
  });
  const json = JSON.stringify(rows);
  const given = 'jsonb_to_recordset($1::jsonb) AS r (id uuid, embedding text)';
  await db.transaction(async (tx) => {
    await tx.query(
      `INSERT INTO video (id, sha256, title, title_folded, tags, metadata, duration, width, height, source_kind, warnings)
       SELECT id, id, id, id, '{}', '{}', 10, 64, 48, 'UPLOAD', '[]' FROM ${given}`,
      [json],
    );
    await tx.query(
      `INSERT INTO clip (video_id, model, index, start_time, end_time, embedding, background, background_hash,
         precision, provider, features)
       SELECT id, $2, 0, 0, 10, embedding::vector, 0, $3, 'fp32', 'cpu', 'none' FROM ${given}`,
      [json, model.fingerprint, model.backgroundHash],
    );
    await tx.query('UPDATE model SET snapshot = snapshot + 1 WHERE fingerprint = $1', [model.fingerprint]);
    await tx.query(
      `INSERT INTO searchable (video_id, model, snapshot)
       SELECT r.id, m.fingerprint, m.snapshot FROM ${given}, model m WHERE m.fingerprint = $2`,
      [json, model.fingerprint],
    );
  });
  return rows.map(({ id }) => id);
}

beforeAll(async () => {
  library = await openLibrary();
  await addMany(VIDEOS);
}, 120_000);

afterAll(() => library.close());

const searches = {
  videos: async (after?: string) => {
    const page = await searchVideos(library, { text: 'a ring', first: 100, minRelevance: 0, after });
    return { ...page, edges: page.edges.map(({ cursor, video }) => ({ cursor, id: video.id })) };
  },
  'videos by several texts': async (after?: string) => {
    const texts = { all: ['a ring'], any: ['a star', 'something red'], not: ['a cross'] };
    const page = await searchVideos(library, { ...texts, first: 100, minRelevance: 0, after });
    return { ...page, edges: page.edges.map(({ cursor, video }) => ({ cursor, id: video.id })) };
  },
  moments: async (after?: string) => {
    const page = await searchMoments(library, { text: 'a ring', first: 100, minRelevance: 0, after });
    return { ...page, edges: page.edges.map(({ cursor, video }) => ({ cursor, id: video.id })) };
  },
};

async function allIds(): Promise<string[]> {
  return (await library.db.query<{ id: string }>('SELECT id FROM video')).map(({ id }) => id);
}

/** Pages to the end while videos go and come: each that stays is found once, none that came is. */
async function pageThrough(search: keyof typeof searches, deletions: number[], complete: boolean) {
  const before = new Set(await allIds());
  const deleted = new Set<string>();
  const found: string[] = [];
  for (let after: string | undefined, page = 0; ; page++) {
    const { edges, hasNextPage } = await searches[search](after);
    found.push(...edges.map(({ id }) => id));
    if (!hasNextPage) break;
    expect(edges).toHaveLength(100);
    after = edges.at(-1)?.cursor;
    const there = await allIds();
    for (let i = 0; i < (deletions[page % deletions.length] as number); i++) {
      const id = there[Math.floor(random() * there.length)] as string;
      deleted.add(id);
      await library.store.videos.delete(id);
    }
    await addMany(2);
  }
  expect(new Set(found).size).toBe(found.length);
  expect(found.every((id) => before.has(id))).toBe(true);
  const missed = [...before].filter((id) => !deleted.has(id) && !found.includes(id));
  // An index may miss some; a look at every clip does not.
  expect(missed.length).toBeLessThanOrEqual(complete ? 0 : before.size / 20);
  expect(found.length).toBeGreaterThan(1000);
  await addMany(Math.max(0, VIDEOS - (await allIds()).length));
}

test.each(Object.keys(searches) as (keyof typeof searches)[])(
  'more than 1,000 %s come in pages, while some go and some come',
  { timeout: 120_000 },
  async (search) => {
    const deletions = fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(deletions, (deletions) => pageThrough(search, deletions, true));
    await fc.assert(property, { numRuns: 3 });
  },
);

test('the same by a vector index', { timeout: 120_000 }, async ({ skip }) => {
  if (library.db.kind !== 'server') return skip();
  await keepVectorIndexes(library.db, new AbortController().signal, 1);
  const { receipt } = await searchVideos(library, { text: 'a ring', first: 1, minRelevance: 0 });
  expect(receipt.scan).toBe('INDEX');
  for (const search of ['videos', 'moments'] as const) await pageThrough(search, [1, 3], false);
});
