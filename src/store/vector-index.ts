import { randomUUID } from 'node:crypto';
import type { Queryable } from '../db/database.ts';

/**
 * Clips of a model from which on an index pays: up to here a look at all of them takes about 15 ms (512 dimensions, 2 cores).
 */
const WORTH_AN_INDEX = 20_000;

/** The expression that the index of a model with D dimensions is on: half precision, so that it is half as large. */
export const indexed = (dimensions: number, clip = 'clip') => `(${clip}.embedding::halfvec(${dimensions}))`;

/** By the start of its fingerprint: PostgreSQL cuts names at 63 bytes. */
const nameOf = (fingerprint: string) => `clip_embedding_${fingerprint.slice(0, 32)}`;

/** The dimensions of a model's index; null while there is none that can be used. */
export async function indexedDimensions(db: Queryable, fingerprint: string): Promise<number | null> {
  const [found] = await db.query<{ dimensions: number }>(
    `SELECT m.dimensions FROM model m JOIN pg_class c ON c.relname = $2 JOIN pg_index i ON i.indexrelid = c.oid
     WHERE m.fingerprint = $1 AND i.indisvalid AND i.indrelid = 'clip'::regclass`,
    [fingerprint, nameOf(fingerprint)],
  );
  return found?.dimensions ?? null;
}

/**
 * On a server: builds an HNSW index for each model that has clips enough, while searches and ingestion go on, and drops
 * what is left of interrupted builds and removed models. For one process now and then; several do no harm. Aborting ends a
 * build under way and rejects.
 */
export async function keepVectorIndexes(
  db: Queryable,
  signal: AbortSignal,
  fewest = WORTH_AN_INDEX,
): Promise<void> {
  const tag = randomUUID();
  const end = () => {
    const text = `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE $1 || '%' AND pid <> pg_backend_pid()`;
    db.query(text, [`/* ${tag} */`]).catch(() => {}); // The connection is gone, and the build with it.
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    await keep(db, fewest, (statement) => {
      signal.throwIfAborted();
      return db.query(`/* ${tag} */ ${statement}`);
    });
  } finally {
    signal.removeEventListener('abort', end);
  }
}

async function keep(
  db: Queryable,
  fewest: number,
  run: (statement: string) => Promise<unknown>,
): Promise<void> {
  const models = await db.query<{ fingerprint: string; dimensions: number }>(
    `SELECT fingerprint, dimensions FROM model m
     WHERE (SELECT count(*) FROM (SELECT FROM clip c WHERE c.model = m.fingerprint LIMIT $1) counted) = $1`,
    [fewest],
  );
  const indexes = await db.query<{ name: string; usable: boolean; growing: boolean }>(
    `SELECT c.relname AS name, i.indisvalid AS usable,
       EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid) AS growing
     FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
     WHERE c.relname LIKE 'clip\\_embedding\\_%' AND i.indrelid = 'clip'::regclass`,
  );
  const wanted = new Set(models.map(({ fingerprint }) => nameOf(fingerprint)));
  for (const { name, usable, growing } of indexes) {
    if (!growing && !(usable && wanted.has(name))) await run(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  }
  for (const { fingerprint, dimensions } of models) {
    if (!/^\w+$/.test(fingerprint)) throw new Error('A fingerprint is not hexadecimal.');
    // Unit vectors: the inner product orders as the cosine does.
    await run(
      `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${nameOf(fingerprint)} ON clip
       USING hnsw (${indexed(dimensions)} halfvec_ip_ops) WHERE model = '${fingerprint}'`,
    );
  }
}
