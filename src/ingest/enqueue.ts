import { basename } from 'node:path';
import { ClipqlError } from '../errors.ts';
import { checkUrl, type DownloadSettings } from '../media/download/download.ts';
import type { NewIngestion } from '../store/ingestions.ts';
import type { Store } from '../store/store.ts';
import type { Json } from '../store/types.ts';
import { cleanMetadata, cleanTags, cleanTitle } from './details.ts';
import { cleanSegmentation, type GivenSegmentation } from './segmentation.ts';
import { allowedPath } from './source.ts';

/** What may be said of any source: what to call the video, and how to cut it. */
export interface VideoDetails {
  tags?: string[] | null | undefined;
  metadata?: Json | undefined;
  segmentation?: GivenSegmentation | null | undefined;
}

/** A source to ingest: exactly one of `url`, `path` and `uploadId`. */
export interface EnqueueInput extends VideoDetails {
  url?: string | null | undefined;
  /** An absolute path inside one of the media folders; read in place. */
  path?: string | null | undefined;
  uploadId?: string | null | undefined;
  /** Default: the title its site gives it, or the file's name without its extension. */
  title?: string | null | undefined;
}

/** Where sources may come from. */
export interface SourceSettings {
  /** Folders that paths may lie in. */
  mediaDirs: string[];
  downloads: DownloadSettings;
}

/**
 * An ingestion as it is to be queued. Throws `BAD_USER_INPUT`, `SOURCE_NOT_ALLOWED`, `SOURCE_NOT_FOUND`,
 * `UPLOAD_INCOMPLETE`.
 */
export async function toIngest(
  store: Store,
  settings: SourceSettings,
  input: EnqueueInput,
): Promise<NewIngestion> {
  const { url, path, uploadId, title } = input;
  const details = { title: title == null ? null : cleanTitle(title), ...cleanDetails(input) };
  if ([url, path, uploadId].filter((given) => given != null).length !== 1) {
    throw new ClipqlError('BAD_USER_INPUT', 'Give exactly one of `url`, `path` and `uploadId`.');
  }
  if (url != null) {
    const name = checkUrl(settings.downloads, url);
    return { source: { kind: 'URL', name, url: url.trim() }, ...details };
  }
  if (path != null) {
    const file = await allowedPath(path, settings.mediaDirs);
    return { source: { kind: 'PATH', name: basename(path), path: file.path }, file, ...details };
  }
  return { source: await uploadSource(uploadId ?? '', store), ...details };
}

/** Throws `BAD_USER_INPUT`. */
export function cleanDetails({ tags, metadata, segmentation }: VideoDetails) {
  return {
    tags: cleanTags(tags ?? []),
    metadata: cleanMetadata(metadata ?? {}),
    segmentation: segmentation ? cleanSegmentation(segmentation) : null,
  };
}

async function uploadSource(uploadId: string, store: Store): Promise<NewIngestion['source']> {
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
