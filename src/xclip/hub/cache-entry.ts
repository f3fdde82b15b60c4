import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hub } from './hub.ts';

/** The files of a checkpoint; all of them make it complete. */
export const NEEDED = ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'model.safetensors'];
/** Fetched when there. */
export const WANTED = ['clipql.json'];

/** A repository's folder in the cache. Laid out as the hub's other clients do: blobs/, snapshots/, refs/, .no_exist/. */
export function entryFolder(hub: Hub, repository: string): string {
  return join(hub.cache, `models--${repository.replace('/', '--')}`);
}

/** The commit that a revision was when last fetched; a commit is itself. */
export async function cachedCommit(entry: string, revision: string): Promise<string> {
  const commit = await readFile(join(entry, 'refs', revision), 'utf8').catch(() => revision);
  return commit.trim();
}

/**
 * A file that says that a commit has no `model.safetensors`. Other clients know it too, and leave it empty; here it holds
 * the revision, `refs/pr/N`, whose weights are taken instead.
 */
export function insteadMark(entry: string, commit: string): string {
  return join(entry, '.no_exist', commit, 'model.safetensors');
}
