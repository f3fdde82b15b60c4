import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { ClipqlError } from '../errors.ts';

/** A file's bytes in short, and what tells later whether it is still the same. */
export interface HashedFile {
  sha256: string;
  /** Bytes. */
  size: number;
  mtimeMs: number;
}

/**
 * The SHA-256 of a file, in one pass. Throws `SOURCE_GONE` when the file changes meanwhile.
 * @param progress called with the share read so far, 0 to 1
 */
export async function hashFile(
  path: string,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<HashedFile> {
  await using file = await open(path);
  const before = await file.stat();
  const hash = createHash('sha256');
  let read = 0;
  // Not with the signal: a stream that is born aborted throws where nobody can catch it.
  for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })) {
    signal.throwIfAborted();
    hash.update(chunk);
    read += chunk.length;
    progress(Math.min(1, read / before.size));
  }
  const after = await file.stat();
  if (read !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
    throw new ClipqlError(
      'SOURCE_GONE',
      'The file changed while it was read. Ingest it again once it is complete.',
    );
  }
  return { sha256: hash.digest('hex'), size: before.size, mtimeMs: before.mtimeMs };
}
