import type { Queryable } from '../db/database.ts';
import type { ErrorCode } from '../errors.ts';
import { decodeCursor, pageOf } from './list-cursor.ts';
import type { Page } from './types.ts';

// A stored video is embedded with another model by a row of `ingestion` with that model: the same queue, leases and
// fencing. Nobody asked for it by itself, so it is not among the ingestions that clients see.

/** A video that could not be embedded with a model, and why. */
export interface NotEmbedded {
  videoId: string;
  code: ErrorCode;
  message: string;
}

/**
 * Queues the embedding of stored videos with the models that need them: of all videos with one model, or of one video
 * with every active or incoming model. Those that failed before are tried again. A video is stored once it was searchable;
 * its vectors may have been removed since, then a job is left.
 */
export async function queueEmbedding(
  tx: Queryable,
  { model, videoId }: { model?: string; videoId?: string },
): Promise<void> {
  await tx.query(
    `INSERT INTO ingestion (model, video_id, source_kind, source_name, source_path, tags, metadata, priority)
     SELECT m.fingerprint, v.id, v.source_kind, v.title, v.source_path, '{}', '{}', 3
     FROM video v JOIN model m ON m.active OR m.incoming
     WHERE ($1::text IS NULL OR m.fingerprint = $1) AND ($2::uuid IS NULL OR v.id = $2)
       AND (EXISTS (SELECT FROM searchable s WHERE s.video_id = v.id)
         OR EXISTS (SELECT FROM ingestion i WHERE i.video_id = v.id AND i.model IS NOT NULL))
       AND NOT EXISTS (SELECT FROM searchable s WHERE s.video_id = v.id AND s.model = m.fingerprint)
     ORDER BY v.position FOR KEY SHARE OF v
     ON CONFLICT (video_id, model) WHERE model IS NOT NULL DO UPDATE
       SET state = 'QUEUED', run_after = now(), crashes = 0, failures = 0, finished_at = NULL,
         error_code = NULL, error_message = NULL, error_retryable = NULL
       WHERE ingestion.state = 'FAILED'`,
    [model ?? null, videoId ?? null],
  );
}

/** Removes the jobs of models that are neither active nor incoming; who runs one finds its lease lost. */
export async function dropUnwantedJobs(tx: Queryable): Promise<void> {
  const unwanted = 'SELECT fingerprint FROM model WHERE NOT active AND NOT incoming';
  await tx.query(
    `SELECT FROM video WHERE id IN (SELECT video_id FROM ingestion WHERE model IN (${unwanted})) FOR UPDATE`,
  );
  await tx.query(`DELETE FROM ingestion WHERE model IN (${unwanted})`);
}

/** The videos that could not be embedded with a model. Throws `BAD_CURSOR`. */
export async function notEmbeddedPage(
  db: Queryable,
  { model, first, after }: { model: string; first: number; after?: string | null },
): Promise<Page<NotEmbedded>> {
  const rows = await db.query<NotEmbedded & { position: number }>(
    `SELECT position, video_id AS "videoId", error_code AS code, error_message AS message FROM ingestion
     WHERE model = $1 AND state = 'FAILED' AND ($2::bigint IS NULL OR position < $2)
     ORDER BY position DESC LIMIT $3`,
    [model, decodeCursor('not embedded', after), first + 1],
  );
  return pageOf('not embedded', rows, first, ({ videoId, code, message }) => ({ videoId, code, message }));
}
