import { basename } from 'node:path';
import { ClipqlError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Ingestion, IngestionSource, Json } from '../store/types.ts';
import { cleanMetadata, cleanTags, cleanTitle } from './details.ts';
import { allowedPath } from './source.ts';

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

/** Checks a source and puts it into the queue. Throws as `Ingest.enqueue` says. */
export async function enqueue(store: Store, mediaDirs: string[], input: EnqueueInput): Promise<Ingestion> {
  const { path, uploadId, title, tags, metadata } = input;
  const details = {
    title: title == null ? null : cleanTitle(title),
    tags: cleanTags(tags ?? []),
    metadata: cleanMetadata(metadata ?? {}),
  };
  if ((path == null) === (uploadId == null)) {
    throw new ClipqlError('BAD_USER_INPUT', 'Give exactly one of `path` and `uploadId`.');
  }
  const source = path != null ? await pathSource(path, mediaDirs) : await uploadSource(uploadId ?? '', store);
  return store.ingestions.create({ source, ...details });
}

async function pathSource(path: string, mediaDirs: string[]): Promise<IngestionSource> {
  return { kind: 'PATH', name: basename(path), path: await allowedPath(path, mediaDirs) };
}

async function uploadSource(uploadId: string, store: Store): Promise<IngestionSource> {
  const upload = await store.uploads.find(uploadId);
  if (!upload) {
    throw new ClipqlError(
      'SOURCE_NOT_FOUND',
      'There is no such upload. It may have expired: send the file again.',
    );
  }
  if (!upload.complete) {
    throw new ClipqlError(
      'UPLOAD_INCOMPLETE',
      'This upload is not finished. Send the rest of the file first.',
    );
  }
  return { kind: 'UPLOAD', name: upload.name, uploadId };
}
