import type { Hash } from 'node:crypto';
import { type FileHandle, open, rename } from 'node:fs/promises';
import type { Response } from 'undici';
import { hashFile, hashFor } from './digest.ts';
import type { Hub } from './hub.ts';
import { HubError, Interruption } from './hub-error.ts';
import type { HubFile } from './look-up.ts';
import { type Patience, patiently } from './patience.ts';
import { interrupted, request } from './request.ts';
import { watchdog } from './watchdog.ts';

interface BlobOptions {
  patience: Patience;
  signal?: AbortSignal | undefined;
  /** Told how many bytes of the file are there. */
  onBytes(there: number): void;
}

/** A file on its way: its bytes so far, and their hash. */
interface Growing {
  handle: FileHandle;
  there: number;
  hash: Hash;
}

/**
 * Fetches a file to `path`. It grows as `path.incomplete`, from what an earlier attempt left, and takes its name when all its
 * bytes are there, on the disk, and hash to its digest. The address names a commit and the file its digest, so a longer
 * or shorter rest can only be of the same bytes.
 * @throws HubError, errors of the file system, the signal's reason; what is there stays
 */
export async function fetchBlob(hub: Hub, file: HubFile, path: string, options: BlobOptions): Promise<void> {
  const incomplete = `${path}.incomplete`;
  const handle = await open(incomplete, 'a');
  try {
    const found = (await handle.stat()).size;
    if (found > file.size) await handle.truncate();
    const there = found > file.size ? 0 : found;
    const hash = await hashFile(hashFor(file), incomplete, options.signal);
    if (!(await completed(hub, file, { handle, there, hash }, options))) {
      // What was found may have been of other bytes: once more, from the first.
      await handle.truncate();
      const fresh = { handle, there: 0, hash: hashFor(file) };
      if (there === 0 || !(await completed(hub, file, fresh, options))) {
        await handle.truncate();
        const message = `The hub sent other bytes for ${file.path} than it announced (the hash differs). Try again later, or set HF_ENDPOINT to another mirror.`;
        throw new HubError(message, { retryable: false });
      }
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(incomplete, path);
}

/** Appends what is missing; whether the hash is right then. */
async function completed(
  hub: Hub,
  file: HubFile,
  growing: Growing,
  { patience, signal, onBytes }: BlobOptions,
): Promise<boolean> {
  onBytes(growing.there);
  const goOn = async () => {
    if (growing.there === file.size) return;
    for await (const bytes of rest(hub, file, growing.there, patience.stall, signal)) {
      if (growing.there + bytes.length > file.size) throw wrongLength(file);
      await growing.handle.appendFile(bytes);
      growing.hash.update(bytes);
      growing.there += bytes.length;
      onBytes(growing.there);
    }
    if (growing.there < file.size) throw interrupted(hub, new Error('The answer ended early.'));
  };
  await patiently(goOn, patience, { progress: () => growing.there, signal });
  return growing.hash.digest('hex') === file.digest;
}

/** The file's bytes from an offset on, as far as one connection carries. */
async function* rest(
  hub: Hub,
  file: HubFile,
  from: number,
  stall: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const watch = watchdog(stall, signal);
  try {
    const response = await request(hub, file.url, file.path, {
      // Ranges count the bytes as they are sent.
      headers: { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) },
      signal: watch.signal,
    });
    watch.touch();
    // A server that ignores the range sends all again: what is there is passed over.
    let skip = from - start(response, file);
    if (skip < 0)
      throw new Interruption(
        `The hub does not send ${file.path} from where it was asked to. Try again later.`,
      );
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      watch.touch();
      const bytes = chunk.subarray(skip);
      skip -= chunk.length - bytes.length;
      if (bytes.length > 0) yield bytes;
    }
  } catch (error) {
    throw error instanceof HubError ? error : interrupted(hub, error);
  } finally {
    watch.end();
  }
}

/** Where the answer's bytes begin in the file. Throws when they are of a file of another size. */
function start({ status, headers }: Response, file: HubFile): number {
  const [, from, of] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '') ?? [];
  const size = status === 206 ? of : headers.get('content-length');
  if (size && Number(size) !== file.size) throw wrongLength(file);
  if (status !== 206) return 0;
  return from === undefined ? Number.POSITIVE_INFINITY : Number(from);
}

function wrongLength(file: HubFile): HubError {
  const message = `The hub sent another number of bytes for ${file.path} than it announced (${file.size}). Try again later, or set HF_ENDPOINT to another mirror.`;
  return new HubError(message, { retryable: false });
}
