import pgvector from 'pgvector';

/** Exact: PostgreSQL reads back each number as the same 32-bit float. */
export function vectorText(vector: Float32Array): string {
  return pgvector.toSql(Array.from(vector)) as string;
}
