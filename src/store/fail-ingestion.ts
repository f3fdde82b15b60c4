import type { ErrorCode } from '../errors.ts';
import { holdLease } from './lease.ts';
import { discardVideo, type Library, removeFiles } from './remove-video.ts';
import type { Lease } from './types.ts';

/** Why an ingestion failed, and whether trying again may help. */
export interface IngestionFailure {
  code: ErrorCode;
  message: string;
  retryable: boolean;
}

/**
 * Ends an ingestion as failed. When trying again cannot help, its video goes too, unless the video is searchable or
 * another ingestion is on it: rows in the same transaction, files after it. Throws `LeaseLost`.
 */
export async function failIngestion(
  library: Library,
  lease: Lease,
  failure: IngestionFailure,
): Promise<void> {
  const ended = await library.db.transaction(async (tx) => {
    const [ingestion] = await tx.query<{ video_id: string | null; upload_id: string | null }>(
      `SELECT i.video_id, i.upload_id FROM ingestion i WHERE i.id = $1`,
      [lease.id],
    );
    const videoId = ingestion?.video_id ?? null;
    await tx.query('SELECT id FROM video WHERE id = $1 FOR UPDATE', [videoId]);
    await holdLease(tx, lease);
    await tx.query(
      `UPDATE ingestion SET state = 'FAILED', finished_at = now(), worker = NULL, lease_until = NULL, stage = NULL,
         error_code = $2, error_message = $3, error_retryable = $4,
         video_id = CASE WHEN $4 OR model IS NOT NULL THEN video_id END
       WHERE id = $1`,
      [lease.id, failure.code, failure.message, failure.retryable],
    );
    const sha256 = failure.retryable || !videoId ? null : await discardVideo(tx, videoId);
    return { videoId, sha256, uploadId: ingestion?.upload_id };
  });
  if (ended.videoId && ended.sha256) await removeFiles(library, ended.videoId, ended.sha256);
  if (ended.uploadId && !failure.retryable) await library.uploads.removeUnused(ended.uploadId);
}
