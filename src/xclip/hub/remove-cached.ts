import { lstat, readdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory } from '../../directory-lock.ts';
import { exists } from '../exists.ts';
import { cachedCommit, entryFolder } from './cache-entry.ts';
import type { Hub } from './hub.ts';
import { HubError, toHubError } from './hub-error.ts';
import { parseHubName } from './hub-name.ts';
import { readRefs } from './list-cached.ts';

/**
 * Removes a model from the hub's local cache: with `@revision` that revision, and the files that no other revision shares;
 * without, all that the cache has of it.
 * @returns bytes freed
 * @throws HubError when it is not there, is being fetched, or cannot be removed
 */
export async function removeCached(hub: Hub, name: string): Promise<number> {
  const { repository, revision } = parseHubName(name);
  const entry = entryFolder(hub, repository);
  const snapshot = join(entry, 'snapshots', await cachedCommit(entry, revision));
  if (!(await exists(name.includes('@') ? snapshot : entry))) {
    throw new HubError(`${name} is not in the local cache.`, { retryable: false });
  }
  const unlock = await lockDirectory(entry);
  if (!unlock) throw new HubError(`${name} is being fetched. End that first.`, { retryable: true });
  try {
    return name.includes('@') ? await removeRevision(entry, snapshot) : await removeAll(entry);
  } catch (error) {
    throw toHubError(error);
  } finally {
    await unlock();
  }
}

// What leads to something goes before it, so that no name is left that leads to nothing.
async function removeAll(entry: string): Promise<number> {
  const files = await readdir(entry, { recursive: true });
  const freed = await bytesOf(files.map((file) => join(entry, file)));
  await rm(join(entry, 'refs'), { recursive: true, force: true });
  await rm(join(entry, 'snapshots'), { recursive: true, force: true });
  await rm(entry, { recursive: true });
  return freed;
}

async function removeRevision(entry: string, snapshot: string): Promise<number> {
  const commit = snapshot.slice(join(entry, 'snapshots').length + 1);
  const names = (await readRefs(entry)).filter((ref) => ref.commit === commit);
  await Promise.all(names.map(({ revision }) => rm(join(entry, 'refs', revision))));
  const others = (await readdir(join(entry, 'snapshots'))).filter((other) => other !== commit);
  const kept = await Promise.all(others.map((other) => filesOf(join(entry, 'snapshots', other))));
  const blobs = (await filesOf(snapshot)).filter((file) => !kept.flat().includes(file));
  const unused = [...blobs, ...(await madeFrom(entry, blobs))];
  const freed = await bytesOf(unused);
  await rm(snapshot, { recursive: true });
  await rm(join(entry, '.no_exist', commit), { recursive: true, force: true });
  await Promise.all(unused.map((file) => rm(file, { force: true, recursive: true })));
  return freed;
}

/** What is in a snapshot, links followed. */
async function filesOf(snapshot: string): Promise<string[]> {
  const files = await readdir(snapshot, { recursive: true });
  const paths = await Promise.all(files.map((file) => realpath(join(snapshot, file)).catch(() => [])));
  return paths.flat();
}

/** What was written beside blobs and named after them, as int8 weights are. */
async function madeFrom(entry: string, blobs: string[]): Promise<string[]> {
  const files = (await readdir(join(entry, 'blobs'))).map((name) => join(entry, 'blobs', name));
  const real = await Promise.all(files.map((file) => realpath(file)));
  return real.filter((file) => blobs.some((blob) => file.startsWith(`${blob}.`)));
}

/** Bytes of the files among the paths; links and folders count nothing. */
async function bytesOf(paths: string[]): Promise<number> {
  const found = await Promise.all(paths.map((path) => lstat(path).catch(() => null)));
  return found.reduce((sum, file) => sum + (file?.isFile() ? file.size : 0), 0);
}
