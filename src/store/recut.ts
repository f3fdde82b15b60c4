import type { Queryable } from '../db/database.ts';
import { queueEmbedding } from './embedding-jobs.ts';
import { type IngestionRow, toIngestion } from './ingestion-row.ts';
import { holdVideo } from './lease.ts';
import { keepModels } from './model-lock.ts';
import type { Ingestion, Lease, Segmentation, Video } from './types.ts';

/**
 * Queues an ingestion that cuts a stored video anew, in place of one that waits or runs for that. One transaction. Null:
 * there is no such video.
 */
export async function queueRecut(
  tx: Queryable,
  videoId: string,
  segmentation: Segmentation,
): Promise<Ingestion | null> {
  const [video] = await tx.query('SELECT id FROM video WHERE id = $1 FOR UPDATE', [videoId]);
  if (!video) return null;
  await tx.query(
    `UPDATE ingestion SET state = 'CANCELLED', finished_at = now(), worker = NULL, lease_until = NULL, stage = NULL
     WHERE video_id = $1 AND recuts AND state IN ('QUEUED', 'RUNNING')`,
    [videoId],
  );
  const [row] = await tx.query<IngestionRow>(
    `INSERT INTO ingestion (recuts, video_id, segmentation, source_kind, source_name, source_path, tags, metadata)
     SELECT true, id, $2, source_kind, title, source_path, '{}', '{}' FROM video WHERE id = $1 RETURNING *`,
    [videoId, JSON.stringify(segmentation)],
  );
  return row ? toIngestion(row) : null;
}

/**
 * Puts the clips of a video's next edition in the place of those it has, of all models; what other models of the library
 * need of it is queued. Searches begun before leave the video out from now on, as its order among the others may have
 * changed. One transaction. False: the model is no longer the active one. Throws `LeaseLost`, and an Error when clips
 * are missing.
 */
export async function switchEdition(
  tx: Queryable,
  lease: Lease,
  next: Video,
  { model, clips }: { model: string; clips: number },
): Promise<boolean> {
  await keepModels(tx);
  await holdVideo(tx, lease, next.id);
  const [active] = await tx.query<{ snapshot: number }>(
    'UPDATE model SET snapshot = snapshot + 1 WHERE fingerprint = $1 AND active RETURNING snapshot',
    [model],
  );
  if (!active) return false;
  await tx.query('DELETE FROM clip WHERE video_id = $1', [next.id]);
  const columns = `video_id, model, index, start_time, end_time, embedding, background, background_hash, edition,
    precision, provider, features`;
  const moved = await tx.query(
    `INSERT INTO clip (${columns}) SELECT ${columns} FROM next_clip
     WHERE video_id = $1 AND model = $2 AND recut = $3 AND edition = $4 AND index < $5 RETURNING index`,
    [next.id, model, lease.id, next.edition, clips],
  );
  if (moved.length !== clips) throw new Error(`Only ${moved.length} of ${clips} clips are embedded.`);
  await tx.query('DELETE FROM next_clip WHERE video_id = $1', [next.id]);
  await tx.query('UPDATE video SET segmentation = $2, cuts = $3, edition = $4 WHERE id = $1', [
    next.id,
    JSON.stringify(next.segmentation),
    next.cuts,
    next.edition,
  ]);
  await tx.query('DELETE FROM searchable WHERE video_id = $1', [next.id]);
  await tx.query('INSERT INTO searchable (video_id, model, snapshot) VALUES ($1, $2, $3)', [
    next.id,
    model,
    active.snapshot,
  ]);
  await queueEmbedding(tx, { videoId: next.id });
  return true;
}
