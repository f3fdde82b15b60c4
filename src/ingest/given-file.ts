import { ClipqlError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Ingestion } from '../store/types.ts';
import { checkFile } from './source.ts';

/** The file an ingestion reads. It was checked when it was queued; since then it may have gone: `SOURCE_GONE`. */
export async function givenFile(store: Store, ingestion: Ingestion): Promise<string> {
  const { source } = ingestion;
  switch (source.kind) {
    case 'PATH':
      await checkFile(source.path).catch((cause) => {
        throw gone('The file is no longer where it was. Ingest it again.', cause);
      });
      return source.path;
    case 'UPLOAD': {
      const upload = await store.uploads.find(source.uploadId);
      if (!upload) throw gone('The upload is no longer there. Send the file again.');
      return upload.path;
    }
    case 'URL': {
      const path = await store.downloads.find(ingestion);
      if (!path) throw gone('What was fetched is no longer there. Retry the ingestion.');
      return path;
    }
  }
}

/** For the file of a stored video. */
export const sourceGone = (): ClipqlError =>
  gone('The file is no longer where it was, or has changed. Ingest it again.');

function gone(message: string, cause?: unknown): ClipqlError {
  return new ClipqlError('SOURCE_GONE', message, { cause });
}
