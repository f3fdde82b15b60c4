import type { Queryable } from '../db/database.ts';
import type { Lease } from './types.ts';

/** Thrown by a write whose ingestion was cancelled or taken by another worker: stop, and write nothing more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor() {
    super('The ingestion was cancelled or is now run by another worker.');
  }
}

/**
 * Locks the ingestion's row until the transaction ends and notes that its worker got somewhere. Throws `LeaseLost`
 * unless it runs under this lease. Whoever also locks the video's row does that first: one order, no deadlock.
 */
export async function holdLease(tx: Queryable, lease: Lease): Promise<void> {
  const held = await tx.query(
    `UPDATE ingestion SET crashes = 0 WHERE id = $1 AND worker = $2 AND state = 'RUNNING' RETURNING id`,
    [lease.id, lease.worker],
  );
  if (held.length === 0) throw new LeaseLost();
}

/** Those that wait for what another ingestion makes of the same video need not wait any longer. */
export async function dueNow(db: Queryable, videoId: string | null): Promise<void> {
  await db.query(
    `UPDATE ingestion SET run_after = now()
     WHERE video_id = $1 AND state = 'QUEUED' AND failures = 0 AND run_after > now()`,
    [videoId],
  );
}

/** Like `holdLease`, for writes that belong to a video: it must also be the ingestion that embeds it. */
export async function holdVideo(tx: Queryable, lease: Lease, videoId: string): Promise<void> {
  const ours = await tx.query('SELECT id FROM video WHERE id = $1 AND embedded_by = $2 FOR UPDATE', [
    videoId,
    lease.id,
  ]);
  if (ours.length === 0) throw new LeaseLost();
  await holdLease(tx, lease);
}
