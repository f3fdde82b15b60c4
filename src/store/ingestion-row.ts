import type { ErrorCode } from '../errors.ts';
import type { Ingestion, IngestionSource, IngestionState, Json } from './types.ts';

/** A row of `ingestion`, as far as it is read. */
export interface IngestionRow {
  id: string;
  position: number;
  source_kind: IngestionSource['kind'];
  source_name: string;
  source_path: string;
  upload_id: string;
  title: string | null;
  tags: string[];
  metadata: Json;
  state: IngestionState;
  stage: string | null;
  progress: number;
  attempts: number;
  crashes: number;
  duplicate: boolean;
  error_code: ErrorCode | null;
  error_message: string;
  error_retryable: boolean;
  video_id: string | null;
  created_at: Date;
  finished_at: Date | null;
  model: string | null;
}

/**
 * SQL condition on `ingestion`: it runs, will run, can be tried again and keeps what it has for that, or would embed
 * the stored video with another model.
 */
export const UNFINISHED = `(state IN ('QUEUED', 'RUNNING') OR model IS NOT NULL
  OR (state = 'FAILED' AND error_retryable AND finished_at > now() - interval '7 days'))`;

export function toIngestion(row: IngestionRow): Ingestion {
  const { id, title, tags, metadata, state, stage, progress, attempts, duplicate, model } = row;
  return {
    ...{ id, title, tags, metadata, state, stage, progress, attempts, duplicate, model },
    source:
      row.source_kind === 'PATH'
        ? { kind: 'PATH', name: row.source_name, path: row.source_path }
        : { kind: 'UPLOAD', name: row.source_name, uploadId: row.upload_id },
    error: row.error_code && {
      code: row.error_code,
      message: row.error_message,
      retryable: row.error_retryable,
    },
    videoId: row.video_id,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
