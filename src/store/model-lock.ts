import type { Queryable } from '../db/database.ts';

// Locks are taken in one order: the models, then a video, then its ingestions. Both of these come first in a transaction.

/** Until the transaction ends, which models are active, incoming or there at all stays as it is. */
export async function keepModels(tx: Queryable): Promise<void> {
  await tx.query('LOCK TABLE model IN ROW EXCLUSIVE MODE');
}

/** Until the transaction ends, nobody else changes which models are active, incoming or there, or counts on it. */
export async function changeModels(tx: Queryable): Promise<void> {
  await tx.query('LOCK TABLE model IN SHARE ROW EXCLUSIVE MODE');
}
