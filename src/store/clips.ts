import pgvector from 'pgvector';
import type { Database } from '../db/database.ts';
import type { FeaturesForm, Precision, Provider } from '../xclip/xclip.ts';
import { holdVideo, LeaseLost } from './lease.ts';
import { createNearest, type Nearest } from './nearest.ts';
import type { EmbeddedClip, Lease } from './types.ts';
import { isUuid } from './uuid.ts';
import { vectorText } from './vector-text.ts';

export interface Clips extends Nearest {
  /** In order of index. */
  of(videoId: string, model: string): Promise<EmbeddedClip[]>;
  /** Those of the video's next edition, which this ingestion makes. */
  next(lease: Lease, videoId: string, model: string): Promise<EmbeddedClip[]>;
  /**
   * Stores a clip (again) after its features were written: one of the video's next edition beside those it has. Throws
   * `LeaseLost`.
   */
  add(lease: Lease, model: string, clip: EmbeddedClip): Promise<void>;
  setBackground(
    videoId: string,
    model: string,
    index: number,
    background: number,
    hash: string,
  ): Promise<void>;
  /** Clips whose background is not of the texts of `hash`, by video and index, those after `after` (exclusive). */
  withOtherBackground(request: {
    model: string;
    hash: string;
    after?: { videoId: string; index: number } | undefined;
    limit: number;
  }): Promise<EmbeddedClip[]>;
  /** The first clip of each of up to `limit` videos, by id: ids are drawn by chance, so these are from all over the library. */
  firstOfVideos(model: string, limit: number): Promise<EmbeddedClip[]>;
  /** Those of these keys that there are, in any order. */
  at(model: string, keys: { videoId: string; index: number }[]): Promise<EmbeddedClip[]>;
  /** The up to `perVideo` nearest clips of each video, nearest first within a video; of those beyond `within` only the first. */
  nearest(request: {
    model: string;
    query: Float32Array;
    videoIds: string[];
    perVideo: number;
    within?: number | undefined;
  }): Promise<EmbeddedClip[]>;
}

interface ClipRow {
  video_id: string;
  index: number;
  start_time: number;
  end_time: number;
  embedding: string;
  background: number;
  background_hash: string;
  edition: number;
  precision: Precision;
  provider: Provider;
  features: FeaturesForm;
}

export function createClips(db: Database): Clips {
  return {
    ...createNearest(db),

    async of(videoId, model) {
      if (!isUuid(videoId)) return [];
      const rows = await db.query<ClipRow>(
        'SELECT * FROM clip WHERE video_id = $1 AND model = $2 ORDER BY index',
        [videoId, model],
      );
      return rows.map(toClip);
    },

    async next(lease, videoId, model) {
      const rows = await db.query<ClipRow>(
        'SELECT * FROM next_clip WHERE video_id = $1 AND model = $2 AND recut = $3 ORDER BY index',
        [videoId, model, lease.id],
      );
      return rows.map(toClip);
    },

    add: (lease, model, clip) =>
      db.transaction(async (tx) => {
        await holdVideo(tx, lease, clip.videoId);
        const [video] = await tx.query<{ edition: number }>('SELECT edition FROM video WHERE id = $1', [
          clip.videoId,
        ]);
        const values: Record<string, unknown> = { video_id: clip.videoId, model, ...toColumns(clip) };
        const ahead = clip.edition - (video?.edition ?? 0);
        if (ahead !== 0 && ahead !== 1) throw new LeaseLost(); // It was cut anew meanwhile.
        if (ahead === 1) values.recut = lease.id;
        const columns = Object.keys(values);
        await tx.query(
          `INSERT INTO ${values.recut ? 'next_clip' : 'clip'} (${columns})
           VALUES (${columns.map((_, i) => `$${i + 1}`)})
           ON CONFLICT (video_id, model, index) DO UPDATE
             SET ${columns.map((column) => `${column} = excluded.${column}`)}`,
          Object.values(values),
        );
      }),

    async setBackground(videoId, model, index, background, hash) {
      await db.query(
        `UPDATE clip SET background = $4, background_hash = $5
         WHERE video_id = $1 AND model = $2 AND index = $3`,
        [videoId, model, index, background, hash],
      );
    },

    async withOtherBackground({ model, hash, after, limit }) {
      const rows = await db.query<ClipRow>(
        `SELECT * FROM clip WHERE model = $1 AND background_hash <> $2
           AND ($3::uuid IS NULL OR (video_id, index) > ($3, $4::integer))
         ORDER BY video_id, index LIMIT $5`,
        [model, hash, after?.videoId ?? null, after?.index ?? null, limit],
      );
      return rows.map(toClip);
    },

    async firstOfVideos(model, limit) {
      const rows = await db.query<ClipRow>(
        'SELECT * FROM clip WHERE model = $1 AND index = 0 ORDER BY video_id LIMIT $2',
        [model, limit],
      );
      return rows.map(toClip);
    },

    async at(model, keys) {
      const rows = await db.query<ClipRow>(
        `SELECT c.* FROM unnest($2::uuid[], $3::integer[]) AS wanted (video_id, index)
         JOIN clip c ON c.video_id = wanted.video_id AND c.index = wanted.index AND c.model = $1`,
        [model, keys.map((key) => key.videoId), keys.map((key) => key.index)],
      );
      return rows.map(toClip);
    },

    async nearest({ model, query, videoIds, perVideo, within }) {
      const rows = await db.query<ClipRow>(
        `SELECT clips.* FROM unnest($3::uuid[]) AS wanted (video_id)
         CROSS JOIN LATERAL (
           SELECT c.*, c.embedding <#> $2::vector AS distance,
             row_number() OVER (ORDER BY c.embedding <#> $2::vector, c.index) AS place
           FROM clip c
           WHERE c.video_id = wanted.video_id AND c.model = $1
           ORDER BY distance, c.index LIMIT $4
         ) clips
         WHERE clips.place = 1 OR clips.distance <= $5::float8
         ORDER BY clips.video_id, clips.place`,
        [model, vectorText(query), videoIds.filter(isUuid), perVideo, within ?? Number.MAX_VALUE],
      );
      return rows.map(toClip);
    },
  };
}

function toClip(row: ClipRow): EmbeddedClip {
  const { index, background, edition, precision, provider, features } = row;
  return {
    ...{
      index,
      background,
      edition,
      precision,
      provider,
      features,
      videoId: row.video_id,
      start: row.start_time,
      end: row.end_time,
    },
    embedding: Float32Array.from(pgvector.fromSql(row.embedding) as number[]),
    backgroundHash: row.background_hash,
  };
}

function toColumns(clip: EmbeddedClip) {
  const { index, start, end, background, backgroundHash, edition, precision, provider, features } = clip;
  return {
    ...{ index, start_time: start, end_time: end, embedding: vectorText(clip.embedding) },
    ...{ background, background_hash: backgroundHash, edition, precision, provider, features },
  };
}
