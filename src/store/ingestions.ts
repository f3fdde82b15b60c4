import type { ErrorCode } from '../errors.ts';
import type { Ingestion, IngestionSource, IngestionState, Json, Lease, Page } from './types.ts';

export interface NewIngestion {
  source: IngestionSource;
  title?: string | null | undefined;
  tags?: string[] | undefined;
  metadata?: Json | undefined;
}

/** The queue. Times are the database's. */
export interface Ingestions {
  create(ingestion: NewIngestion): Promise<Ingestion>;
  get(id: string): Promise<Ingestion | null>;
  /** Newest first. Throws `BAD_CURSOR`. */
  page(request: {
    first: number;
    after?: string | null;
    state?: IngestionState | null;
  }): Promise<Page<Ingestion>>;
  /** The oldest one that is due, or whose worker fell silent, now leased to `worker`; null when there is none. */
  claim(worker: string, leaseSeconds: number): Promise<Ingestion | null>;
  /** Renews the lease. False: it is no longer ours (cancelled, or taken by another), so stop. */
  heartbeat(lease: Lease, at: { stage: string; progress: number }): Promise<boolean>;
  /** Ends it well; of a duplicate the upload is removed. Throws `LeaseLost`. */
  succeed(lease: Lease, result: { duplicate: boolean; videoId: string }): Promise<void>;
  /**
   * Ends it as failed. With `retryable` its video, clips and upload are kept for 7 days; otherwise they are removed,
   * unless the video is searchable or another ingestion is on it. Throws `LeaseLost`.
   */
  fail(lease: Lease, error: { code: ErrorCode; message: string; retryable: boolean }): Promise<void>;
  /** Back to the queue, due in `after` seconds (0); the attempt does not count. Does nothing when the lease is lost. */
  release(lease: Lease, options?: { after?: number }): Promise<void>;
  /** Puts all running ones back: for the start of the only process on the database (embedded). */
  requeueRunning(): Promise<void>;
}
