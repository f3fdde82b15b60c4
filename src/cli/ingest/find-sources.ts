import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { matchNames, VIDEO_FILES } from '../../media/match-names.ts';

/** What was named on the command line, or found in a folder that was; `name` as a shell would take it. */
export type Source =
  | { kind: 'url'; name: string; url: string }
  | { kind: 'file'; name: string; path: string };

/**
 * The sources that arguments stand for, each once: URLs, files, and the videos of folders in the order of their names.
 * Names that begin with a dot are left out, and links to folders. Throws an Error for what is not there, for a folder
 * that cannot be read, and for one without a video.
 */
export async function findSources(
  given: string[],
  { include, exclude }: { include: string[]; exclude: string[] },
): Promise<Source[]> {
  const isIncluded = matchNames('--include', include.length > 0 ? include : [VIDEO_FILES]);
  const isExcluded = matchNames('--exclude', exclude);
  const sources = new Map<string, Source>();
  const addFile = (name: string) => {
    const path = resolve(name);
    sources.set(path, { kind: 'file', name, path });
  };
  for (const one of given) {
    if (/^https?:\/\//i.test(one)) {
      sources.set(one, { kind: 'url', name: publicName(one), url: one });
      continue;
    }
    const found = await stat(one).catch((cause) => {
      throw new Error(`There is no ${one}. Check its spelling.`, { cause });
    });
    if (!found.isDirectory()) {
      if (!found.isFile()) throw new Error(`${one} is neither a file nor a folder.`);
      addFile(one);
      continue;
    }
    const names = (await namesBelow(one)).filter((name) => isIncluded(name) && !isExcluded(name));
    if (names.length === 0)
      throw new Error(`There is no video file in ${one}. (--include takes other names)`);
    for (const name of names) addFile(join(one, name));
  }
  return [...sources.values()];
}

/** Without credentials, query and fragment. */
const publicName = (url: string): string => url.replace(/[?#].*/s, '').replace(/\/\/[^/]*@/, '//');

/** Relative paths of the files in a folder, and in those in it, in order. */
async function namesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(join(folder, '/').length);
    if (/(^|\/)\./.test(name)) continue;
    const isFile = entry.isSymbolicLink()
      ? (await stat(path).catch(() => null))?.isFile() === true
      : entry.isFile();
    if (isFile) names.push(name);
  }
  return names.sort();
}
