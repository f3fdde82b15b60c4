import type { Queryable } from '../db/database.ts';
import { type NotEmbedded, notEmbeddedPage } from './embedding-jobs.ts';
import { failIngestion, type IngestionFailure } from './fail-ingestion.ts';
import { type IngestionRow, toIngestion } from './ingestion-row.ts';
import { LeaseLost } from './lease.ts';
import { decodeCursor, pageOf } from './list-cursor.ts';
import type { Library } from './remove-video.ts';
import type { Ingestion, IngestionSource, IngestionState, Json, Lease, Page } from './types.ts';
import { isUuid } from './uuid.ts';

export interface NewIngestion {
  source: IngestionSource;
  title?: string | null | undefined;
  tags?: string[] | undefined;
  metadata?: Json | undefined;
}

/** The queue. Times are the database's. */
export interface Ingestions {
  create(ingestion: NewIngestion): Promise<Ingestion>;
  /** Queues all of them or, when the process dies meanwhile, none. */
  createAll(ingestions: NewIngestion[]): Promise<void>;
  get(id: string): Promise<Ingestion | null>;
  /** Newest first. Throws `BAD_CURSOR`. */
  page(request: {
    first: number;
    after?: string | null;
    state?: IngestionState | null;
  }): Promise<Page<Ingestion>>;
  /**
   * The oldest one that is due, or whose worker fell silent, now leased to `worker`; null when there is none. The
   * embedding of stored videos with another model comes after all that was asked for; with `storedOnly` it alone.
   */
  claim(worker: string, leaseSeconds: number, options?: { storedOnly?: boolean }): Promise<Ingestion | null>;
  /** Renews the lease. False: it is no longer ours (cancelled, or taken by another), so stop. */
  heartbeat(lease: Lease, at: { stage: string; progress: number }): Promise<boolean>;
  /**
   * Ends it well; an upload that did not become the video's is removed. The ingestion that embedded the video is no
   * duplicate, also when an interruption made it find its own. Throws `LeaseLost`.
   */
  succeed(lease: Lease, result: { duplicate: boolean; videoId: string }): Promise<void>;
  /**
   * Ends it as failed. With `retryable` its video, clips and upload are kept for 7 days; otherwise they are removed,
   * unless the video is searchable or another ingestion is on it. Throws `LeaseLost`.
   */
  fail(lease: Lease, failure: IngestionFailure): Promise<void>;
  /** Videos that could not be embedded with a model, the latest first. Throws `BAD_CURSOR`. */
  notEmbedded(request: { model: string; first: number; after?: string | null }): Promise<Page<NotEmbedded>>;
  /** Back to the queue, due in `after` seconds (0); the attempt does not count. Nothing when the lease is lost. */
  release(lease: Lease, options?: { after?: number }): Promise<void>;
  /** Puts all running ones back: for the start of the only process on the database (embedded). */
  requeueRunning(): Promise<void>;
}

/** An ingestion whose worker died so many times in a row, with nothing stored in between, is given up. */
const MAX_CRASHES = 10;

export function createIngestions(library: Library): Ingestions {
  const { db, uploads } = library;
  const fail: Ingestions['fail'] = (lease, failure) => failIngestion(library, lease, failure);

  const claim: Ingestions['claim'] = async (worker, leaseSeconds, { storedOnly = false } = {}) => {
    const [row] = await db.query<IngestionRow>(
      `UPDATE ingestion SET state = 'RUNNING', worker = $1, attempts = attempts + 1,
         crashes = crashes + (state = 'RUNNING')::integer,
         lease = make_interval(secs => $2), lease_until = now() + make_interval(secs => $2)
       WHERE id = (
         SELECT id FROM ingestion
         WHERE ((state = 'QUEUED' AND run_after <= now()) OR (state = 'RUNNING' AND lease_until < now()))
           AND (model IS NOT NULL OR NOT $3)
         ORDER BY model IS NOT NULL, crashes, position LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING *`,
      [worker, leaseSeconds, storedOnly],
    );
    if (!row) return null;
    if (row.crashes < MAX_CRASHES) return toIngestion(row);
    const message = `The server stopped ${MAX_CRASHES} times while it worked on this. Its log may say why.`;
    await fail({ id: row.id, worker }, { code: 'INTERNAL', message, retryable: true });
    return claim(worker, leaseSeconds, { storedOnly });
  };

  return {
    claim,
    fail,

    create: (ingestion) => insert(db, ingestion),
    createAll: (ingestions) =>
      db.transaction(async (tx) => {
        for (const ingestion of ingestions) await insert(tx, ingestion);
      }),

    async get(id) {
      if (!isUuid(id)) return null;
      const [row] = await db.query<IngestionRow>('SELECT * FROM ingestion WHERE id = $1 AND model IS NULL', [
        id,
      ]);
      return row ? toIngestion(row) : null;
    },

    async page({ first, after, state }) {
      const rows = await db.query<IngestionRow>(
        `SELECT * FROM ingestion
         WHERE model IS NULL AND ($1::bigint IS NULL OR position < $1) AND ($2::text IS NULL OR state = $2)
         ORDER BY position DESC LIMIT $3`,
        [decodeCursor('ingestions', after), state ?? null, first + 1],
      );
      return pageOf('ingestions', rows, first, toIngestion);
    },

    async heartbeat(lease, { stage, progress }) {
      const ours = await db.query(
        `UPDATE ingestion SET lease_until = now() + lease, stage = $3, progress = $4
         WHERE id = $1 AND worker = $2 AND state = 'RUNNING' RETURNING id`,
        [lease.id, lease.worker, stage, progress],
      );
      return ours.length > 0;
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
      if (ended.upload_id) await uploads.removeUnused(ended.upload_id);
    },

    notEmbedded: (request) => notEmbeddedPage(db, request),

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
        `UPDATE ingestion SET state = 'QUEUED', run_after = now(), crashes = crashes + 1,
           worker = NULL, lease_until = NULL, stage = NULL
         WHERE state = 'RUNNING'`,
      );
    },
  };
}

async function insert(db: Queryable, ingestion: NewIngestion): Promise<Ingestion> {
  const { source, title, tags, metadata } = ingestion;
  const [row] = await db.query<IngestionRow>(
    `INSERT INTO ingestion (source_kind, source_name, source_path, upload_id, title, tags, metadata)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *`,
    [
      source.kind,
      source.name,
      source.kind === 'PATH' ? source.path : null,
      source.kind === 'UPLOAD' ? source.uploadId : null,
      title ?? null,
      tags ?? [],
      JSON.stringify(metadata ?? {}),
    ],
  );
  if (!row) throw new Error('The new ingestion has no row.');
  return toIngestion(row);
}
