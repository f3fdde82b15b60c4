import type { Database, Queryable } from '../db/database.ts';
import type { NearestQueries, NearestRequest } from './nearest-request.ts';
import type { SearchKey } from './types.ts';
import { indexed, indexedDimensions } from './vector-index.ts';
import { vectorText } from './vector-text.ts';
import { isEmpty } from './video-filter.ts';

/** Clips that the index is asked for at first, and at most: then looking at all of them is not much slower. */
const FIRST_CLIPS = 800;
const MOST_CLIPS = 3_200;
/** How many the index keeps in view while it walks, the most it takes: fewer miss more. */
const EF_SEARCH = 1_000;
/** Half precision moves a distance by less. */
const ROUNDING = 0.002;

/** Clips that an index finds nearest to the queries. */
interface Candidates {
  videoIds: string[];
  /** Whatever is nearer than this is among them, as far as the index finds it. */
  radius: number;
}

/**
 * What is asked for, by the model's vector index: `keysOf` gives the exact keys among some videos. Null when there is no
 * index, when it does not reach far enough (a deep page), and under a filter: to look at all that it lets through misses
 * nothing, and was quicker at 10 % of 100,000 clips (docs/search.md).
 */
export async function nearestByIndex<Key extends SearchKey>(
  db: Database,
  request: NearestRequest<Key>,
  keysOf: (videoIds: string[]) => Promise<Key[]>,
): Promise<Key[] | null> {
  if (db.kind !== 'server' || !isEmpty(request.filter)) return null;
  const dimensions = await indexedDimensions(db, request.model);
  if (dimensions === null) return null;
  const { to, limit } = request;
  for (let clips = FIRST_CLIPS; clips <= MOST_CLIPS; clips *= 2) {
    const { videoIds, radius } = await db.transaction((tx) => candidates(tx, request, dimensions, clips));
    const near = (await keysOf(videoIds)).filter((key) => key.distance <= radius);
    if (near.length >= limit || (to && to.distance <= radius)) return near.slice(0, limit);
  }
  return null;
}

async function candidates(
  tx: Queryable,
  { model, snapshot, queries }: NearestRequest<SearchKey>,
  dimensions: number,
  clips: number,
): Promise<Candidates> {
  await tx.query(`SET LOCAL hnsw.ef_search = ${EF_SEARCH}; SET LOCAL hnsw.iterative_scan = strict_order`);
  const found = new Set<string>();
  const radii = new Map<Float32Array, number>();
  for (const query of new Set([...queries.all, ...queries.any])) {
    // By distance alone, or the index is not used; the model is spelled out, as the index has it.
    const rows = await tx.query<{ videoId: string; distance: number }>(
      `SELECT c.video_id AS "videoId", ${indexed(dimensions, 'c')} <#> $1::halfvec(${dimensions}) AS distance
       FROM clip c
       JOIN searchable s ON s.video_id = c.video_id AND s.model = c.model
       WHERE c.model = '${model}' AND s.snapshot <= $2
       ORDER BY distance LIMIT ${clips}`,
      [vectorText(query), snapshot],
    );
    for (const { videoId } of rows) found.add(videoId);
    const last = rows.length === clips ? (rows.at(-1)?.distance ?? 0) : Number.NEGATIVE_INFINITY;
    radii.set(query, last - ROUNDING);
  }
  return { videoIds: [...found], radius: radiusOf(queries, radii) };
}

/**
 * What lies within a distance of all queries lies within it of each, so any of them finds it; what lies within it of one
 * of several is found when each of those reaches so far.
 */
function radiusOf({ all, any }: NearestQueries, radii: Map<Float32Array, number>): number {
  const of = (queries: Float32Array[]) =>
    queries.map((query) => radii.get(query) ?? Number.NEGATIVE_INFINITY);
  const alternative = any.length > 0 ? [Math.min(...of(any))] : [];
  return Math.max(...of(all), ...alternative);
}
