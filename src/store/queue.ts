import { failIngestion, type IngestionFailure } from './fail-ingestion.ts';
import { type IngestionRow, toIngestion } from './ingestion-row.ts';
import { dueNow, LeaseLost } from './lease.ts';
import type { Library } from './remove-video.ts';
import type { Ingestion, IngestionStage, Json, Lease } from './types.ts';

/** Which ingestions a worker can take now. */
export interface ClaimOptions {
  /** Those whose bytes are still to be fetched; without it those that can be embedded. */
  fetch?: boolean;
  /** Only those that embed a stored video with another model. */
  storedOnly?: boolean;
  /** Others run beside it: then not one whose worker died last time, which may be the reason, nor what comes after it. */
  beside?: boolean;
}

/** What workers do with the ingestions. Times are the database's. */
export interface Queue {
  /**
   * The first in line that is due, or whose worker fell silent, now leased to `worker`; null when there is none. First
   * comes what was asked for by itself, then batches, then folders, then the embedding of stored videos with another model.
   */
  claim(worker: string, leaseSeconds: number, options?: ClaimOptions): Promise<Ingestion | null>;
  /** Renews the lease. False: it is no longer ours (cancelled, or taken by another), so stop. */
  heartbeat(lease: Lease, at: { stage: IngestionStage; progress: number }): Promise<boolean>;
  /** Whether it is still ours. */
  holds(lease: Lease): Promise<boolean>;
  /** Keeps what its site says of it, where nothing else was given. Throws `LeaseLost`. */
  describe(lease: Lease, found: { title: string; metadata: Json }): Promise<void>;
  /** Notes that its bytes are here and puts it back to be embedded. Throws `LeaseLost`. */
  fetched(lease: Lease): Promise<void>;
  /** Notes something to know about it, each code once. */
  warn(lease: Lease, warning: { code: string; message: string }): Promise<void>;
  /**
   * Ends it well; an upload that did not become the video's is removed. The ingestion that embedded the video is no
   * duplicate, also when an interruption made it find its own. Throws `LeaseLost`.
   */
  succeed(lease: Lease, result: { duplicate: boolean; videoId: string }): Promise<void>;
  /**
   * Ends it as failed, or puts it back for later when the failure may pass by itself. With `retryable` its video, clips
   * and source are kept for 7 days; otherwise they are removed, unless the video is searchable or another ingestion is
   * on it. Throws `LeaseLost`.
   */
  fail(lease: Lease, failure: IngestionFailure): Promise<'FAILED' | 'QUEUED'>;
  /** Back to the queue, due in `after` seconds (0); the attempt does not count. Nothing when the lease is lost. */
  release(lease: Lease, options?: { after?: number }): Promise<void>;
  /** Puts all running ones back: for the start of the only process on the database (embedded). */
  requeueRunning(): Promise<void>;
}

/** An ingestion whose worker died so many times in a row, with nothing stored in between, is given up. */
const MAX_CRASHES = 5;

/** SQL: `errors` with the death of a worker. */
const ERRORS_AND_CRASH = `errors || jsonb_build_object('attempt', attempts, 'at', now(), 'code', 'INTERNAL',
  'message', 'The server stopped while it worked on this.', 'retryable', true)`;

/** SQL: a worker that died counts, except while it fetched: that harms nobody. */
const CRASHED = `(source_kind <> 'URL' OR fetched)::integer`;

export function createQueue(library: Library): Queue {
  const { db, uploads, downloads } = library;
  const fail: Queue['fail'] = (lease, failure) => failIngestion(library, lease, failure);

  const claim: Queue['claim'] = async (worker, leaseSeconds, options = {}) => {
    const { fetch = false, storedOnly = false, beside = false } = options;
    const [row] = await db.query<IngestionRow>(
      `UPDATE ingestion SET state = 'RUNNING', worker = $1, attempts = attempts + 1, kept_until = NULL,
         crashes = crashes + CASE state WHEN 'RUNNING' THEN ${CRASHED} ELSE 0 END,
         errors = CASE state WHEN 'RUNNING' THEN ${ERRORS_AND_CRASH} ELSE errors END,
         lease = make_interval(secs => $2), lease_until = now() + make_interval(secs => $2)
       WHERE id = (
         SELECT id FROM ingestion
         WHERE ((state = 'QUEUED' AND run_after <= now()) OR (state = 'RUNNING' AND lease_until < now()))
           AND (source_kind = 'URL' AND NOT fetched) = $3
           AND (model IS NOT NULL OR NOT $4)
         ORDER BY priority, crashes, position LIMIT 1 FOR UPDATE SKIP LOCKED)
         AND (NOT $5 OR (state = 'QUEUED' AND crashes = 0))
       RETURNING *`,
      [worker, leaseSeconds, fetch, storedOnly, beside],
    );
    if (!row) return null;
    if (row.crashes < MAX_CRASHES) return toIngestion(row);
    const message = `The server stopped ${MAX_CRASHES} times while it worked on this. Its log may say why.`;
    await fail({ id: row.id, worker }, { code: 'INTERNAL', message, retryable: true, passing: false });
    return claim(worker, leaseSeconds, options);
  };

  return {
    claim,
    fail,

    async heartbeat(lease, { stage, progress }) {
      const ours = await db.query(
        `UPDATE ingestion SET lease_until = now() + lease, stage = $3, progress = $4
         WHERE id = $1 AND worker = $2 AND state = 'RUNNING' RETURNING id`,
        [lease.id, lease.worker, stage, progress],
      );
      return ours.length > 0;
    },

    async holds(lease) {
      const ours = await db.query(
        `SELECT id FROM ingestion WHERE id = $1 AND worker = $2 AND state = 'RUNNING'`,
        [lease.id, lease.worker],
      );
      return ours.length > 0;
    },

    async describe(lease, { title, metadata }) {
      const ours = await db.query(
        `UPDATE ingestion SET title = coalesce(title, $3), metadata = $4::jsonb || metadata
         WHERE id = $1 AND worker = $2 AND state = 'RUNNING' RETURNING id`,
        [lease.id, lease.worker, title, JSON.stringify(metadata)],
      );
      if (ours.length === 0) throw new LeaseLost();
    },

    async fetched(lease) {
      const ours = await db.query(
        `UPDATE ingestion SET state = 'QUEUED', fetched = true, run_after = now(), attempts = attempts - 1,
           worker = NULL, lease_until = NULL, stage = NULL, failures = 0
         WHERE id = $1 AND worker = $2 AND state = 'RUNNING' RETURNING id`,
        [lease.id, lease.worker],
      );
      if (ours.length === 0) throw new LeaseLost();
    },

    async warn(lease, warning) {
      await db.query(
        `UPDATE ingestion SET warnings = warnings || $3::jsonb
         WHERE id = $1 AND worker = $2 AND state = 'RUNNING'
           AND NOT EXISTS (SELECT FROM jsonb_array_elements(warnings) known WHERE known->>'code' = $3::jsonb->>'code')`,
        [lease.id, lease.worker, JSON.stringify(warning)],
      );
    },

    async succeed(lease, { duplicate, videoId }) {
      const [ended] = await db.query<{ upload_id: string | null }>(
        `UPDATE ingestion i SET state = 'SUCCEEDED', finished_at = now(), worker = NULL, lease_until = NULL,
           stage = NULL, progress = 1,
           duplicate = $3 AND NOT EXISTS (SELECT FROM video v WHERE v.id = i.video_id AND v.embedded_by = i.id)
         WHERE id = $1 AND worker = $2 AND state = 'RUNNING' AND video_id = $4 RETURNING upload_id`,
        [lease.id, lease.worker, duplicate, videoId],
      );
      if (!ended) throw new LeaseLost();
      await dueNow(db, videoId);
      if (ended.upload_id) await uploads.removeUnused(ended.upload_id);
      await downloads.removeUnused(lease.id);
    },

    async release(lease, { after = 0 } = {}) {
      await db.query(
        `UPDATE ingestion SET state = 'QUEUED', run_after = now() + make_interval(secs => $3),
           attempts = attempts - 1, worker = NULL, lease_until = NULL, stage = NULL
         WHERE id = $1 AND worker = $2 AND state = 'RUNNING'`,
        [lease.id, lease.worker, after],
      );
    },

    async requeueRunning() {
      await db.query(
        `UPDATE ingestion SET state = 'QUEUED', run_after = now(), crashes = crashes + ${CRASHED},
           errors = ${ERRORS_AND_CRASH}, worker = NULL, lease_until = NULL, stage = NULL
         WHERE state = 'RUNNING'`,
      );
    },
  };
}
