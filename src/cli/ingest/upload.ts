import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DetailedError, FileUrlStorage, Upload } from 'tus-js-client';
import { type Client, errorIn, ServerError } from '../library/client.ts';

declare module 'tus-js-client' {
  /** Its types leave this out (4.3.1). */
  export const FileUrlStorage: new (path: string) => import('tus-js-client').UrlStorage;
}

/** Bytes of one request: what a broken connection costs at most. */
const CHUNK = 64 * 1024 ** 2;
/** Milliseconds before each new try. */
const RETRIES = [0, 1000, 3000, 5000, 10_000];

/**
 * Sends a file to the server, or what it lacks of one that was begun before, and returns the upload's id. Throws a
 * `ServerError` for what the server refuses, an Error for a connection that does not come back.
 * @param notes the folder that remembers what was begun
 * @param fingerprint the same for the same bytes
 */
export async function upload(
  client: Client,
  path: string,
  { notes, fingerprint, progress }: { notes: string; fingerprint: string; progress: (share: number) => void },
): Promise<string> {
  await mkdir(notes, { recursive: true });
  const { size } = await stat(path);
  const key = `${client.url} ${fingerprint}`;
  return new Promise((resolve, reject) => {
    const sending: Upload = new Upload(createReadStream(path), {
      endpoint: `${client.url}/uploads`,
      uploadSize: size,
      chunkSize: CHUNK,
      retryDelays: RETRIES,
      headers: client.authorization ? { Authorization: client.authorization } : {},
      metadata: { filename: basename(path) },
      fingerprint: async () => key,
      urlStorage: new FileUrlStorage(join(notes, 'uploads.json')),
      storeFingerprintForResuming: true,
      removeFingerprintOnSuccess: true,
      onProgress: (sent, total) => progress(total ? sent / total : 1),
      onError: (error) => reject(readable(error)),
      onSuccess: () => resolve((sending.url ?? '').split('/').at(-1) ?? ''),
    });
    sending.findPreviousUploads().then(([before]) => {
      if (before) sending.resumeFromPreviousUpload(before);
      sending.start();
    }, reject);
  });
}

/** The library's own message holds the whole exchange. */
function readable(error: Error): Error {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response)
    return new ServerError('UPLOAD_FAILED', 'The connection to the server broke. Run this again to go on.');
  return errorIn(response.getBody()) ?? new ServerError('UPLOAD_FAILED', response.getBody().trim());
}
