import type { Json } from '../store/types.ts';

/** A source to ingest: exactly one of `path` and `uploadId`, and what to call it. */
export interface EnqueueInput {
  /** An absolute path inside one of the media folders; read in place. */
  path?: string | null | undefined;
  uploadId?: string | null | undefined;
  /** Default: the file's name without its extension. */
  title?: string | null | undefined;
  tags?: string[] | null | undefined;
  metadata?: Json | undefined;
}
