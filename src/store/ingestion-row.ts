import type { ErrorCode } from '../errors.ts';
import type { Ingestion, IngestionSource } from './types.ts';

/** A row of `ingestion`, as far as it is read. */
export interface IngestionRow extends Omit<Ingestion, 'source' | 'error' | 'errors' | 'retryAt'> {
  position: number;
  source_kind: IngestionSource['kind'];
  source_name: string;
  source_path: string;
  source_url: string;
  upload_id: string;
  failures: number;
  run_after: Date;
  error_code: ErrorCode | null;
  error_message: string;
  error_retryable: boolean;
  errors: (Omit<Ingestion['errors'][number], 'at'> & { at: string })[];
  video_id: string | null;
  created_at: Date;
  finished_at: Date | null;
}

/**
 * SQL condition on `ingestion`: it runs, will run, has ended without success and keeps what it has for a retry, or would
 * embed the stored video with another model.
 */
export const UNFINISHED = `(state IN ('QUEUED', 'RUNNING') OR model IS NOT NULL OR coalesce(kept_until > now(), false))`;

/** SQL: when what an ingestion leaves behind is removed, unless it is tried again before. */
export const KEPT_UNTIL = `now() + interval '7 days'`;

export function toIngestion(row: IngestionRow): Ingestion {
  const { id, title, tags, metadata, state, stage, progress, attempts, crashes, duplicate, model } = row;
  const { version, segmentation, warnings, recuts } = row;
  return {
    ...{ id, title, tags, metadata, state, stage, progress, attempts, crashes, duplicate, model },
    ...{ version, segmentation, warnings, recuts },
    source: sourceOf(row),
    error: row.error_code && {
      code: row.error_code,
      message: row.error_message,
      retryable: row.error_retryable,
    },
    errors: row.errors.map((error) => ({ ...error, at: new Date(error.at) })),
    retryAt: state === 'QUEUED' && row.failures > 0 ? row.run_after : null,
    videoId: row.video_id,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}

function sourceOf(row: IngestionRow): IngestionSource {
  const name = row.source_name;
  switch (row.source_kind) {
    case 'PATH':
      return { kind: 'PATH', name, path: row.source_path };
    case 'UPLOAD':
      return { kind: 'UPLOAD', name, uploadId: row.upload_id };
    case 'URL':
      return { kind: 'URL', name, url: row.source_url };
  }
}
