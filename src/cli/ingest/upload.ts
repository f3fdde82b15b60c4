import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
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
 * @param notes the folder that remembers what was begun, a file for each
 * @param sha256 of the file's bytes
 */
export async function upload(
  client: Client,
  path: string,
  { notes, sha256, progress }: { notes: string; sha256: string; progress: (share: number) => void },
): Promise<string> {
  await mkdir(notes, { recursive: true });
  const { size } = await stat(path);
  const key = createHash('sha256').update(`${client.url}\n${path}\n${sha256}`).digest('hex');
  const note = join(notes, `${key}.json`);
  const id = await new Promise<string>((resolve, reject) => {
    const sending: Upload = new Upload(createReadStream(path), {
      endpoint: `${client.url}/uploads`,
      uploadSize: size,
      chunkSize: CHUNK,
      retryDelays: RETRIES,
      headers: client.authorization ? { Authorization: client.authorization } : {},
      metadata: { filename: basename(path) },
      fingerprint: async () => key,
      urlStorage: new FileUrlStorage(note),
      storeFingerprintForResuming: true,
      onProgress: (sent, total) => progress(total ? sent / total : 1),
      onError: (error) => reject(readable(error)),
      onSuccess: () => resolve((sending.url ?? '').split('/').at(-1) ?? ''),
    });
    // A note that cannot be read was being written when the process was killed.
    const begun = sending.findPreviousUploads().catch(() => rm(note, { force: true }).then(() => []));
    begun.then(([before]) => {
      if (before) sending.resumeFromPreviousUpload(before);
      sending.start();
    }, reject);
  });
  await rm(note, { force: true });
  return id;
}

/** The library's own message holds the whole exchange. */
function readable(error: Error): Error {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response)
    return new ServerError('UPLOAD_FAILED', 'The connection to the server broke. Run this again to go on.');
  return errorIn(response.getBody()) ?? new ServerError('UPLOAD_FAILED', response.getBody().trim());
}
