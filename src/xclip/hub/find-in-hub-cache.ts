import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../exists.ts';
import { readStoredTensors } from '../safetensors.ts';
import { cachedCommit, entryFolder, insteadMark, NEEDED } from './cache-entry.ts';
import type { Hub } from './hub.ts';
import { parseHubName } from './hub-name.ts';

/** A folder with all files of a checkpoint, or what is missing. */
export type Found = { folder: string } | { missing: string };

/**
 * Finds a model in the hub's local cache, without the network. A revision without
 * `model.safetensors` is found by the conversion bot's pull request (`refs/pr/N`) that was fetched in its place.
 * @returns the folder, or what is missing of it
 */
export async function findInHubCache(hub: Hub, name: string): Promise<Found> {
  const { repository, revision } = parseHubName(name);
  const entry = entryFolder(hub, repository);
  const commit = await cachedCommit(entry, revision);
  const instead = await readFile(insteadMark(entry, commit), 'utf8').catch(() => '');
  return snapshot(entry, /^refs\/pr\/\d+$/.test(instead) ? await cachedCommit(entry, instead) : commit);
}

async function snapshot(entry: string, commit: string): Promise<Found> {
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
