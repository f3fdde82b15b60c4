import { claimStored, claimVideo, type NewVideo, type VideoClaim } from './claim-video.ts';
import { queueEmbedding } from './embedding-jobs.ts';
import { holdVideo } from './lease.ts';
import { removeFeatures } from './library-files.ts';
import { decodeCursor, pageOf } from './list-cursor.ts';
import { keepModels } from './model-lock.ts';
import { queueRecut, switchEdition } from './recut.ts';
import { deleteVideo, type Library } from './remove-video.ts';
import { sourcePath } from './source-path.ts';
import type { Ingestion, Json, Lease, Page, Segmentation, Video, VideoFilter, Warning } from './types.ts';
import { isUuid } from './uuid.ts';
import { filterConditions, foldTitle } from './video-filter.ts';
import { findVideo, toVideo, VIDEO_ROWS, type VideoRow } from './video-row.ts';

export interface Videos {
  get(id: string): Promise<Video | null>;
  /** In any order, unknown ones left out. */
  getMany(ids: string[]): Promise<Video[]>;
  findBySha256(sha256: string): Promise<Video | null>;
  /** Newest first. Throws `BAD_CURSOR`. */
  page(request: { first: number; after?: string | null; filter?: VideoFilter | null }): Promise<Page<Video>>;
  /** Null when there is no such video. */
  update(
    id: string,
    change: { title?: string | undefined; tags?: string[] | undefined; metadata?: Json | undefined },
  ): Promise<Video | null>;
  /** Removes rows and files and cancels the ingestions on it. False when there is no such video. */
  delete(id: string): Promise<boolean>;
  /**
   * Finds or makes the video of these bytes, sets it as the ingestion's, and says who embeds it. When the known
   * video's source is gone, the given one takes its place. Call it before `media.adopt`. Throws `LeaseLost`.
   */
  createFor(lease: Lease, video: NewVideo): Promise<VideoClaim>;
  /** Notes what came to light while the video was read, each code once. Throws `LeaseLost`. */
  warn(lease: Lease, videoId: string, warnings: Warning[]): Promise<void>;
  /** Notes where its scenes begin, in seconds. Throws `LeaseLost`. */
  setCuts(lease: Lease, videoId: string, cuts: number[]): Promise<void>;
  /**
   * Makes this ingestion the one that embeds a stored video, and removes what another left of the video's next edition;
   * false: another is at it. Throws `LeaseLost`.
   */
  claimStored(lease: Lease, videoId: string): Promise<boolean>;
  /**
   * Makes the video searchable with the model, from its next snapshot on, once all its `clips` are stored: the job to
   * embed it with that model is gone then, and what other models of the library need of it is queued. Throws `LeaseLost`, and an Error when clips are missing.
   */
  complete(lease: Lease, videoId: string, model: string, clips: number): Promise<void>;
  /** See `queueRecut`. */
  recut(videoId: string, segmentation: Segmentation): Promise<Ingestion | null>;
  /** See `switchEdition`; what belongs to the former edition is removed. */
  switchEdition(lease: Lease, next: Video, embedded: { model: string; clips: number }): Promise<boolean>;
  /** Where its bytes can be read now; null when the source is gone. */
  sourcePath(video: Video): Promise<string | null>;
  /** The number of the latest snapshot of the model's searchable videos. */
  snapshot(model: string): Promise<number>;
}

export function createVideos(library: Library): Videos {
  const { db, media, folders, pictures } = library;
  const get = async (id: string) => (isUuid(id) ? findVideo(db, 'v.id = $1', id) : null);

  return {
    get,
    async getMany(ids) {
      const rows = await db.query<VideoRow>(`${VIDEO_ROWS} WHERE v.id = ANY ($1::uuid[])`, [
        ids.filter(isUuid),
      ]);
      return rows.map(toVideo);
    },
    findBySha256: (sha256) => findVideo(db, 'v.sha256 = $1', sha256),

    async page({ first, after, filter }) {
      const values: unknown[] = [decodeCursor('videos', after), first + 1];
      const conditions = filterConditions(filter, values);
      const rows = await db.query<VideoRow>(
        `${VIDEO_ROWS} WHERE ($1::bigint IS NULL OR v.position < $1) AND ${conditions}
         ORDER BY v.position DESC LIMIT $2`,
        values,
      );
      return pageOf('videos', rows, first, toVideo);
    },

    async update(id, { title, tags, metadata }) {
      if (!isUuid(id)) return null;
      await db.query(
        `UPDATE video SET title = coalesce($2, title), title_folded = coalesce($3, title_folded),
           tags = coalesce($4::text[], tags), metadata = coalesce($5::jsonb, metadata)
         WHERE id = $1`,
        [
          id,
          title ?? null,
          title === undefined ? null : foldTitle(title),
          tags ?? null,
          metadata === undefined ? null : JSON.stringify(metadata),
        ],
      );
      return get(id);
    },

    delete: async (id) => isUuid(id) && deleteVideo(library, id),
    createFor: (lease, video) => db.transaction((tx) => claimVideo(tx, media, lease, video)),
    claimStored: (lease, videoId) => db.transaction((tx) => claimStored(tx, lease, videoId)),

    warn: (lease, videoId, warnings) =>
      db.transaction(async (tx) => {
        await holdVideo(tx, lease, videoId);
        await tx.query(
          `UPDATE video SET warnings = warnings || (
             SELECT coalesce(jsonb_agg(found), '[]') FROM jsonb_array_elements($2::jsonb) found
             WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(warnings) known WHERE known->'code' = found->'code'))
           WHERE id = $1`,
          [videoId, JSON.stringify(warnings)],
        );
      }),

    setCuts: (lease, videoId, cuts) =>
      db.transaction(async (tx) => {
        await holdVideo(tx, lease, videoId);
        await tx.query('UPDATE video SET cuts = $2 WHERE id = $1', [videoId, cuts]);
      }),

    complete: (lease, videoId, model, clips) =>
      db.transaction(async (tx) => {
        await keepModels(tx);
        await holdVideo(tx, lease, videoId);
        const [stored] = await tx.query<{ count: number }>(
          'SELECT count(*) FROM clip WHERE video_id = $1 AND model = $2 AND index < $3',
          [videoId, model, clips],
        );
        if (stored?.count !== clips) throw new Error(`Only ${stored?.count} of ${clips} clips are embedded.`);
        // Whoever comes next waits here until this is committed.
        const [next] = await tx.query<{ snapshot: number }>(
          'UPDATE model SET snapshot = snapshot + 1 WHERE fingerprint = $1 RETURNING snapshot',
          [model],
        );
        if (!next) throw new Error('The model was removed.');
        await tx.query(
          'INSERT INTO searchable (video_id, model, snapshot) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
          [videoId, model, next.snapshot],
        );
        await tx.query('DELETE FROM ingestion WHERE video_id = $1 AND model = $2', [videoId, model]);
        await queueEmbedding(tx, { videoId });
      }),

    recut: async (videoId, segmentation) =>
      isUuid(videoId) ? db.transaction((tx) => queueRecut(tx, videoId, segmentation)) : null,

    async switchEdition(lease, next, embedded) {
      if (!(await db.transaction((tx) => switchEdition(tx, lease, next, embedded)))) return false;
      const former = { id: next.id, edition: next.edition - 1 };
      await removeFeatures(folders, former.id, former.edition);
      await pictures.removeSheets(former);
      return true;
    },

    sourcePath: (video) => sourcePath(media, video),

    async snapshot(model) {
      const [row] = await db.query<{ snapshot: number }>(
        'SELECT snapshot FROM model WHERE fingerprint = $1',
        [model],
      );
      return row?.snapshot ?? 0;
    },
  };
}
