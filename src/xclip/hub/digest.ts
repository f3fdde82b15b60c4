import { createHash, type Hash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { HubFile } from './look-up.ts';

/**
 * The hash that a file's digest was made with: SHA-256 of the bytes (64 hex digits; large files) or git's blob hash, SHA-1
 * of a header and the bytes (https://git-scm.com/book/en/v2/Git-Internals-Git-Objects).
 */
export function hashFor({ digest, size }: HubFile): Hash {
  return digest.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}

/** Feeds what is in a file, by one piece of memory: those of a stream pile up until they are collected. */
export async function hashFile(hash: Hash, path: string, signal?: AbortSignal): Promise<Hash> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (;;) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer);
    if (bytesRead === 0) return hash;
    hash.update(buffer.subarray(0, bytesRead));
  }
}

/** Whether a path holds exactly the file's bytes. */
export async function holds(path: string, file: HubFile, signal?: AbortSignal): Promise<boolean> {
  const size = await stat(path).then(
    (found) => found.size,
    () => -1,
  );
  return size === file.size && (await hashFile(hashFor(file), path, signal)).digest('hex') === file.digest;
}
