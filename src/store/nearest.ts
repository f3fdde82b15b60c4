import type { Database } from '../db/database.ts';
import { nearestByIndex } from './nearest-by-index.ts';
import type { NearestQueries, NearestRequest, SearchedLibrary } from './nearest-request.ts';
import type { ClipKey, SearchKey } from './types.ts';
import { vectorText } from './vector-text.ts';
import { filterConditions } from './video-filter.ts';

/** How candidates were found: all looked at, or by an index, which may miss some. */
export type Scan = 'FULL' | 'INDEX';

export interface Nearest {
  /**
   * Videos by their distance, then by id. That to one query is the distance of the video's nearest clip; to several the
   * greatest of those to `all` and of the least of those to `any`. The same to the last bit for the same clips and queries.
   */
  nearestVideos(request: NearestRequest<SearchKey>): Promise<{ videos: SearchKey[]; scan: Scan }>;
  /** Clips by their distance, then by id of the video and index; distances as above, of each clip by itself. */
  nearestClips(request: NearestRequest<ClipKey>): Promise<{ clips: ClipKey[]; scan: Scan }>;
  /** How much a search ranges over. */
  count(library: SearchedLibrary): Promise<{ clips: number; videos: number }>;
}

export function createNearest(db: Database): Nearest {
  /** By the index where it reaches, else by a look at every clip. */
  async function nearest<Key extends SearchKey>(
    request: NearestRequest<Key>,
    keys: (request: NearestRequest<Key>, among?: string[]) => Promise<Key[]>,
  ): Promise<{ found: Key[]; scan: Scan }> {
    const found = await nearestByIndex(db, request, (among) => keys(request, among));
    return found ? { found, scan: 'INDEX' } : { found: await keys(request), scan: 'FULL' };
  }

  function videoKeys(request: NearestRequest<SearchKey>, among?: string[]): Promise<SearchKey[]> {
    const { values, distances, searched, limit } = everyClip(request, among);
    const least = distances.names.map((name) => `min(${name}) AS ${name}`);
    const bounds = boundsOf(request, values, '(distance, video_id)', ({ distance, videoId }) => [
      [distance, 'float8'],
      [videoId, 'uuid'],
    ]);
    return db.query(
      `SELECT video_id AS "videoId", distance FROM (
         SELECT video_id, ${distances.combined} AS distance FROM (
           SELECT video_id, ${least} FROM (${searched}) clips GROUP BY video_id
         ) nearest
       ) videos
       WHERE ${bounds} ORDER BY distance, video_id LIMIT ${limit}`,
      values,
    );
  }

  function clipKeys(request: NearestRequest<ClipKey>, among?: string[]): Promise<ClipKey[]> {
    const { values, distances, searched, limit } = everyClip(request, among);
    const bounds = boundsOf(request, values, '(distance, video_id, index)', (key) => [
      [key.distance, 'float8'],
      [key.videoId, 'uuid'],
      [key.index, 'integer'],
    ]);
    return db.query(
      `SELECT video_id AS "videoId", index, distance FROM (
         SELECT video_id, index, ${distances.combined} AS distance FROM (${searched}) clips
       ) keys
       WHERE ${bounds} ORDER BY distance, video_id, index LIMIT ${limit}`,
      values,
    );
  }

  return {
    async nearestVideos(request) {
      const { found: videos, scan } = await nearest(request, videoKeys);
      return { videos, scan };
    },

    async nearestClips(request) {
      const { found: clips, scan } = await nearest(request, clipKeys);
      return { clips, scan };
    },

    async count({ model, snapshot, filter }) {
      const values: unknown[] = [model, snapshot];
      const conditions = filterConditions(filter, values);
      const [counted] = await db.query<{ clips: number; videos: number }>(
        `SELECT count(*) AS clips, count(DISTINCT c.video_id) AS videos
         FROM searchable s
         JOIN video v ON v.id = s.video_id
         JOIN clip c ON c.video_id = s.video_id AND c.model = s.model
         WHERE s.model = $1 AND s.snapshot <= $2 AND ${conditions}`,
        values,
      );
      return counted ?? { clips: 0, videos: 0 };
    },
  };
}

/** The parts of a statement that looks at every clip, or at all of some videos: their distances to each query. */
function everyClip({ model, snapshot, filter, queries, limit }: NearestRequest<unknown>, among?: string[]) {
  const values: unknown[] = [model, snapshot, limit];
  const conditions = filterConditions(filter, values);
  // Each of them is looked up, whatever the planner knows of the tables.
  const searchable = among
    ? `unnest($${values.push(among)}::uuid[]) AS wanted (id) JOIN searchable s ON s.video_id = wanted.id`
    : 'searchable s';
  const distances = distancesTo(queries);
  const vectors = [...queries.all, ...queries.any].map((query) => `$${values.push(vectorText(query))}`);
  const columns = distances.names.map((name, i) => `c.embedding <#> ${vectors[i]}::vector AS ${name}`);
  return {
    ...{ values, distances, limit: '$3' },
    // OFFSET 0 keeps the distances where they are, inside: else the embeddings themselves would be sorted by video.
    searched: `
      SELECT c.video_id, c.index, ${columns}
      FROM ${searchable}
      JOIN video v ON v.id = s.video_id
      JOIN clip c ON c.video_id = s.video_id AND c.model = s.model
      WHERE s.model = $1 AND s.snapshot <= $2 AND ${conditions}
      OFFSET 0`,
  };
}

/** A name for the distance to each query, and how they make one. */
function distancesTo({ all, any }: NearestQueries): { names: string[]; combined: string } {
  const required = all.map((_, i) => `to_all_${i}`);
  const alternatives = any.map((_, i) => `to_any_${i}`);
  const least = alternatives.length > 0 ? [`least(${alternatives})`] : [];
  return { names: [...required, ...alternatives], combined: `greatest(${[...required, ...least]})` };
}

/** The condition that keys lie in the stretch that is wanted; adds its values to `values`. */
function boundsOf<Key>(
  { from, to }: NearestRequest<Key>,
  values: unknown[],
  columns: string,
  parts: (key: Key) => [value: unknown, type: string][],
): string {
  const bound = (key: Key, comparison: string) =>
    `${columns} ${comparison} (${parts(key).map(([value, type]) => `$${values.push(value)}::${type}`)})`;
  return ['true', ...(from ? [bound(from, '>')] : []), ...(to ? [bound(to, '<=')] : [])].join(' AND ');
}
