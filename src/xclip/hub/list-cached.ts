import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { entryFolder } from './cache-entry.ts';
import { findInHubCache } from './find-in-hub-cache.ts';
import type { Hub } from './hub.ts';

/** An X-CLIP in the hub's local cache. */
export interface CachedModel {
  /** `owner/name`, with `@revision` if not `main`; as a setting it leads to this model. */
  name: string;
  /** Bytes of its files. */
  size: number;
  /** What it lacks to be used; null when nothing. */
  missing: string | null;
  /** The snapshot with its files. */
  folder: string;
}

/** The X-CLIP models that the hub's local cache holds, whole or not, by name; what their `config.json` says decides. */
export async function listCached(hub: Hub): Promise<CachedModel[]> {
  const folders = await readdir(hub.cache).catch(() => []);
  const repositories = folders.flatMap((name) => {
    const [, owner, repository] = /^models--(.+?)--(.+)$/.exec(name) ?? [];
    return repository ? [`${owner}/${repository}`] : [];
  });
  const models = await Promise.all(repositories.map((repository) => revisions(hub, repository)));
  return models.flat().sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function revisions(hub: Hub, repository: string): Promise<CachedModel[]> {
  const entry = entryFolder(hub, repository);
  const refs = await readRefs(entry);
  const commits = await readdir(join(entry, 'snapshots')).catch(() => []);
  const unnamed = commits.filter((commit) => !refs.some((ref) => ref.commit === commit));
  const named = [...refs, ...unnamed.map((commit) => ({ revision: commit, commit }))];
  const models = await Promise.all(
    named.map(async ({ revision, commit }) => {
      const snapshot = join(entry, 'snapshots', commit);
      if (!(await isXClip(snapshot))) return [];
      const name = revision === 'main' ? repository : `${repository}@${revision}`;
      const found = await findInHubCache(hub, name);
      const folder = 'folder' in found ? found.folder : snapshot;
      const missing = 'missing' in found ? found.missing : null;
      return [{ name, size: await sizeOf(folder), missing, folder }];
    }),
  );
  return models.flat();
}

/** Each revision that has a name, with the commit it was when last fetched. */
export async function readRefs(entry: string): Promise<{ revision: string; commit: string }[]> {
  const refs = join(entry, 'refs');
  const files = await readdir(refs, { recursive: true, withFileTypes: true }).catch(() => []);
  const read = files
    .filter((file) => file.isFile())
    .map(async (file) => {
      const path = join(file.parentPath, file.name);
      return { revision: relative(refs, path), commit: (await readFile(path, 'utf8')).trim() };
    });
  return Promise.all(read);
}

async function isXClip(snapshot: string): Promise<boolean> {
  const text = await readFile(join(snapshot, 'config.json'), 'utf8').catch(() => '');
  try {
    return JSON.parse(text).model_type === 'xclip';
  } catch {
    return false;
  }
}

/** Bytes of the files in a folder, links followed. */
async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = files.map((file) => stat(join(folder, file)).then(({ size }) => size));
  return (await Promise.allSettled(sizes)).reduce(
    (sum, result) => sum + (result.status === 'fulfilled' ? result.value : 0),
    0,
  );
}
