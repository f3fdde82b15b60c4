import { mkdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockDirectory } from '../../directory-lock.ts';
import { CheckpointError } from '../checkpoint-error.ts';
import { readModelConfig } from '../model-config.ts';
import { entryFolder } from './cache-entry.ts';
import { holds } from './digest.ts';
import { fetchBlob } from './fetch-blob.ts';
import { findInHubCache } from './find-in-hub-cache.ts';
import type { Hub } from './hub.ts';
import { HubError, toHubError } from './hub-error.ts';
import { parseHubName } from './hub-name.ts';
import { type HubFile, lookUp, type Revision } from './look-up.ts';
import { megabytes } from './megabytes.ts';
import { PATIENCE, type Patience } from './patience.ts';
import { link, markInstead, writeRef } from './place-in-cache.ts';
import { bytesThere, createProgress, type FetchProgress, type Progress } from './progress.ts';

export interface FetchOptions {
  onProgress?: (progress: FetchProgress) => void;
  /** Aborting ends the fetch; what is there stays for the next time. */
  signal?: AbortSignal;
  patience?: Patience;
}

const CONFIG = 'config.json';
/** Milliseconds between two looks whether another process has ended its fetch. */
const LOCK_POLL = 500;

/**
 * Sees to a model in the hub's local cache: asks the hub which files it has, checks those that are there by size and hash, and
 * fetches what is missing, cut off or wrong. Killed at any moment, it leaves a cache that every client reads rightly.
 * @param name `owner/name`, `owner/name@revision`
 * @throws HubError when the hub or the disk does not allow it, or the model is no X-CLIP; the signal's reason
 */
export async function fetchModel(
  hub: Hub,
  name: string,
  { onProgress, signal, patience = PATIENCE }: FetchOptions = {},
): Promise<{ folder: string }> {
  if (hub.offline) return findOffline(hub, name);
  const hubName = parseHubName(name);
  const entry = entryFolder(hub, hubName.repository);
  try {
    const revisions = await lookUp(hub, hubName, patience, signal);
    await mkdir(join(entry, 'blobs'), { recursive: true });
    const progress = createProgress(entry, revisions, onProgress);
    const unlock = await lock(entry, progress, signal);
    try {
      const see = (file: HubFile) =>
        seeTo(hub, entry, file, { patience, signal, onBytes: (there) => progress.at(file, there) });
      return await place(entry, name, revisions, see);
    } finally {
      await unlock();
    }
  } catch (error) {
    signal?.throwIfAborted(); // Waiting and reading end with errors of their own.
    throw toHubError(error);
  }
}

async function findOffline(hub: Hub, name: string): Promise<{ folder: string }> {
  const found = await findInHubCache(hub, name);
  if ('folder' in found) return found;
  const message = `${name} cannot be fetched because HF_HUB_OFFLINE is set, and ${found.missing}. Unset it once.`;
  throw new HubError(message, { retryable: false });
}

/** Waits until no other fetch writes into the entry; meanwhile its progress is ours. */
async function lock(entry: string, progress: Progress, signal?: AbortSignal): Promise<() => Promise<void>> {
  for (;;) {
    const unlock = await lockDirectory(entry);
    await progress.look();
    if (unlock) return unlock;
    await delay(LOCK_POLL, null, { signal: signal as AbortSignal });
  }
}

/** Brings each revision's files into its snapshot, the weights last, and then says which commits they are. */
async function place(
  entry: string,
  name: string,
  revisions: Revision[],
  see: (file: HubFile) => Promise<void>,
): Promise<{ folder: string }> {
  let folder = '';
  const seen = new Set<string>();
  for (const { commit, files } of revisions) {
    folder = join(entry, 'snapshots', commit);
    for (const file of configFirst(files)) {
      if (!seen.has(file.digest)) await see(file);
      seen.add(file.digest);
      await link(entry, commit, file.path, file.digest);
      if (file.path === CONFIG) await checkConfig(name, folder);
    }
  }
  const [asked, conversion] = revisions as [Revision, Revision?];
  if (conversion) await markInstead(entry, asked.commit, conversion.revision);
  // Backwards: once the asked name leads here, all that it leads to is there.
  for (const { revision, commit } of revisions.toReversed()) await writeRef(entry, revision, commit);
  return { folder };
}

/** What tells whether the rest is wanted, then by size. */
const configFirst = (files: HubFile[]) =>
  files.toSorted((a, b) => Number(b.path === CONFIG) - Number(a.path === CONFIG) || a.size - b.size);

/** Sees to one blob. */
async function seeTo(
  hub: Hub,
  entry: string,
  file: HubFile,
  options: { patience: Patience; signal?: AbortSignal | undefined; onBytes(there: number): void },
): Promise<void> {
  const path = join(entry, 'blobs', file.digest);
  if (await holds(path, file, options.signal)) {
    await rm(`${path}.incomplete`, { force: true }); // Of a fetch that another client has overtaken.
    return options.onBytes(file.size);
  }
  await checkSpace(entry, file);
  await fetchBlob(hub, file, path, options);
}

async function checkSpace(entry: string, file: HubFile): Promise<void> {
  const { bavail, bsize } = await statfs(entry);
  const needed = file.size - (await bytesThere(entry, file));
  if (needed <= bavail * bsize) return;
  const message = `The disk of the hub's cache (HF_HUB_CACHE) is too full for ${file.path}: ${megabytes(needed)} needed, ${megabytes(bavail * bsize)} free. Free some space and try again: what is there stays.`;
  throw new HubError(message, { retryable: true });
}

/** Before the weights are fetched: whether they are of a model that can be used. */
async function checkConfig(name: string, folder: string): Promise<void> {
  await readModelConfig(join(folder, CONFIG)).catch((error: unknown) => {
    if (!(error instanceof CheckpointError)) throw error;
    const problem = error.message.slice(error.message.indexOf(': ') + 2);
    throw new HubError(`${name} cannot be used: its config.json: ${problem}`, { retryable: false });
  });
}
