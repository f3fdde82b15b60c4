import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ClipqlError } from '../errors.ts';
import { matchNames, VIDEO_FILES } from '../media/match-names.ts';
import { allowedTarget } from './source.ts';

/** A file as found in a folder. */
export interface FolderFile {
  /** Its real path. */
  path: string;
  /** Relative to the folder, for people. */
  name: string;
  /** Bytes. */
  size: number;
  mtimeMs: number;
}

/**
 * The files of a folder in the order of their names, one by one. `include` and `exclude` are globs as `matchNames` takes
 * them; `include` is video files when empty, and what `exclude` matches is left out, folders with all in them. So are
 * names that begin with a dot, and what is neither file nor folder. Links are followed to what lies in `mediaDirs`, and
 * each real file comes once. What leads out of there, cannot be read or vanishes meanwhile is told to `onSkipped` by
 * its name. Throws `BAD_USER_INPUT`, `SOURCE_NOT_ALLOWED`, `SOURCE_NOT_FOUND`.
 */
export async function* listFolder(
  folder: string,
  { recursive, include, exclude }: { recursive: boolean; include: string[]; exclude: string[] },
  mediaDirs: string[],
  onSkipped: (name: string) => void = () => {},
): AsyncGenerator<FolderFile> {
  const isIncluded = matchNames('include', include.length > 0 ? include : [VIDEO_FILES]);
  const isExcluded = matchNames('exclude', exclude);
  const root = await allowedTarget(folder, mediaDirs);
  const seen = new Set<string>([root]);

  async function* walk(entries: Dirent[], path: string, above: string): AsyncGenerator<FolderFile> {
    for (const entry of entries) {
      const name = above + entry.name;
      if (entry.name.startsWith('.') || isExcluded(name)) continue;
      if (entry.isFile() && !isIncluded(name)) continue;
      const real = await realOf(entry, join(path, entry.name));
      const found = real && (await stat(real).catch(() => null));
      if (!found) {
        onSkipped(name);
      } else if (found.isFile() ? isIncluded(name) : found.isDirectory() && recursive) {
        if (seen.has(real)) continue;
        seen.add(real);
        if (found.isFile()) {
          yield { path: real, name, size: found.size, mtimeMs: found.mtimeMs };
        } else {
          const below = await entriesOf(real).catch(() => null);
          if (below) yield* walk(below, real, `${name}/`);
          else onSkipped(name);
        }
      }
    }
  }

  /** Below a real folder only links lead elsewhere. */
  async function realOf(entry: Dirent, path: string): Promise<string | null> {
    return entry.isSymbolicLink() ? allowedTarget(path, mediaDirs).catch(() => null) : path;
  }

  yield* walk(await rootEntries(root), root, '');
}

async function rootEntries(root: string): Promise<Dirent[]> {
  const found = await stat(root).catch(() => null);
  if (found && !found.isDirectory()) {
    throw new ClipqlError('BAD_USER_INPUT', 'This path is a file. Name a folder.');
  }
  return entriesOf(root).catch((cause) => {
    throw new ClipqlError(
      'SOURCE_NOT_FOUND',
      'There is no folder at this path that the server may read. Check its spelling and permissions.',
      { cause },
    );
  });
}

/** In the order of their names, whatever the language. */
async function entriesOf(path: string): Promise<Dirent[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}
