import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../exists.ts';
import { readStoredTensors } from '../safetensors.ts';
import { absenceMark, cachedCommit, entryFolder, NEEDED } from './cache-entry.ts';
import type { Hub } from './hub.ts';
import { parseHubName } from './hub-name.ts';

/** A folder with all files of a checkpoint, or what is missing. */
export type Found = { folder: string } | { missing: string };

/**
 * Finds a model in the hub's local cache, without the network. A revision known to have no `model.safetensors` is found by
 * the conversion bot's pull request (`refs/pr/N`) that was fetched in its place.
 * @returns the folder, or what is missing of it
 */
export async function findInHubCache(hub: Hub, name: string): Promise<Found> {
  const { repository, revision } = parseHubName(name);
  const entry = entryFolder(hub, repository);
  const commit = await cachedCommit(entry, revision);
  const found = await snapshot(entry, commit);
  if ('folder' in found || !(await exists(absenceMark(entry, commit, 'model.safetensors')))) return found;
  for (const pullRequest of await pullRequests(entry)) {
    const converted = await snapshot(entry, await cachedCommit(entry, pullRequest));
    if ('folder' in converted) return converted;
  }
  return found;
}

/** The same for one commit. */
export async function snapshot(entry: string, commit: string): Promise<Found> {
  const folder = join(entry, 'snapshots', commit);
  if (!(await exists(folder))) return { missing: 'it is not in the local cache' };
  for (const file of NEEDED) {
    if (!(await exists(join(folder, file)))) return { missing: `its copy in the local cache lacks ${file}` };
  }
  return readStoredTensors(join(folder, 'model.safetensors')).then(
    () => ({ folder }),
    () => ({ missing: 'its model.safetensors in the local cache is not complete' }),
  );
}

/** The revisions `refs/pr/N` that were fetched, the newest first. */
async function pullRequests(entry: string): Promise<string[]> {
  const numbers = await readdir(join(entry, 'refs/refs/pr')).catch(() => []);
  return numbers.sort((a, b) => Number(b) - Number(a)).map((number) => `refs/pr/${number}`);
}
