import { mkdir, open, readlink, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { insteadMark } from './cache-entry.ts';

/** Name under which things are made before they take their place at once; in a folder where nobody looks for names. */
const next = (entry: string) => join(entry, 'blobs', '.next');

/** Puts a file of a commit in its place: a relative link from the commit's snapshot to the blob. */
export async function link(entry: string, commit: string, path: string, digest: string): Promise<void> {
  const place = join(entry, 'snapshots', commit, path);
  const target = relative(dirname(place), join(entry, 'blobs', digest));
  if ((await readlink(place).catch(() => null)) === target) return;
  await mkdir(dirname(place), { recursive: true });
  await rm(next(entry), { force: true });
  await symlink(target, next(entry));
  await rename(next(entry), place);
}

/** Says which commit a revision is. A commit needs no saying. */
export async function writeRef(entry: string, revision: string, commit: string): Promise<void> {
  if (revision !== commit) await write(entry, join(entry, 'refs', revision), commit);
}

/** Says that a commit has no weights, and which revision's are taken instead. */
export async function markInstead(entry: string, commit: string, instead: string): Promise<void> {
  await write(entry, insteadMark(entry, commit), instead);
}

async function write(entry: string, place: string, text: string): Promise<void> {
  await mkdir(dirname(place), { recursive: true });
  const file = await open(next(entry), 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(next(entry), place);
}
