import type { Queryable } from '../db/database.ts';
import type { ErrorCode } from '../errors.ts';
import { KEPT_UNTIL } from './ingestion-row.ts';
import { dueNow, holdLease } from './lease.ts';
import { discardVideo, type Library, removeFiles } from './remove-video.ts';
import type { Lease } from './types.ts';

/** Why an ingestion failed, and whether trying again may help, or, when it may pass by itself, is worth it unasked. */
export interface IngestionFailure {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  passing?: boolean;
}

/** So many failures in a row are tried again unasked: with the waits below that takes about two hours. */
const MAX_FAILURES = 10;
/** Seconds until the second attempt; doubled for each one after it, up to the longest. */
const FIRST_WAIT = 5;
const LONGEST_WAIT = 1800;
/** Of the history of an ingestion so many errors are kept. */
const MAX_ERRORS = 50;

/** Ends an ingestion as failed, or puts it back for later; see `Queue.fail`. Rows in one transaction, files after it. */
export async function failIngestion(
  library: Library,
  lease: Lease,
  failure: IngestionFailure,
): Promise<'FAILED' | 'QUEUED'> {
  const ended = await library.db.transaction(async (tx) => {
    const [ingestion] = await tx.query<Row>(
      'SELECT video_id, upload_id, failures FROM ingestion WHERE id = $1',
      [lease.id],
    );
    const videoId = ingestion?.video_id ?? null;
    await tx.query('SELECT id FROM video WHERE id = $1 FOR UPDATE', [videoId]);
    await holdLease(tx, lease);
    await note(tx, lease, failure);
    await dueNow(tx, videoId);
    if (failure.passing && ingestion && ingestion.failures < MAX_FAILURES) {
      await postpone(tx, lease, ingestion.failures);
      return null;
    }
    await tx.query(
      `UPDATE ingestion SET state = 'FAILED', finished_at = now(), worker = NULL, lease_until = NULL, stage = NULL,
         error_code = $2, error_message = $3, error_retryable = $4,
         kept_until = CASE WHEN $4 AND model IS NULL THEN ${KEPT_UNTIL} END,
         video_id = CASE WHEN $4 OR model IS NOT NULL THEN video_id END
       WHERE id = $1`,
      [lease.id, failure.code, failure.message, failure.retryable],
    );
    const sha256 = failure.retryable || !videoId ? null : await discardVideo(tx, videoId);
    return { videoId, sha256, uploadId: ingestion?.upload_id };
  });
  if (!ended) return 'QUEUED';
  if (ended.videoId && ended.sha256) await removeFiles(library, ended.videoId, ended.sha256);
  if (!failure.retryable) {
    if (ended.uploadId) await library.uploads.removeUnused(ended.uploadId);
    await library.downloads.removeUnused(lease.id);
  }
  return 'FAILED';
}

interface Row {
  video_id: string | null;
  upload_id: string | null;
  failures: number;
}

async function note(tx: Queryable, lease: Lease, { code, message, retryable }: IngestionFailure) {
  await tx.query(
    `UPDATE ingestion SET errors = CASE WHEN jsonb_array_length(errors) < ${MAX_ERRORS} THEN errors ELSE errors - 0 END
       || (jsonb_build_object('attempt', attempts, 'at', now()) || $2::jsonb)
     WHERE id = $1`,
    [lease.id, JSON.stringify({ code, message, retryable })],
  );
}

/** Twice as long after each failure, and a random quarter more or less, so that not all come back at once. */
async function postpone(tx: Queryable, lease: Lease, failures: number): Promise<void> {
  const wait = Math.min(FIRST_WAIT * 2 ** failures, LONGEST_WAIT) * (0.75 + Math.random() / 2);
  await tx.query(
    `UPDATE ingestion SET state = 'QUEUED', failures = failures + 1, run_after = now() + make_interval(secs => $2),
       worker = NULL, lease_until = NULL, stage = NULL
     WHERE id = $1`,
    [lease.id, wait],
  );
}
