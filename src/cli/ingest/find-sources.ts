import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { matchNames, VIDEO_FILES } from '../../media/match-names.ts';

/** What was named on the command line, or found in a folder that was. */
export type Source =
  | { kind: 'url'; name: string; url: string }
  | { kind: 'file'; name: string; path: string };

/**
 * The sources that arguments stand for: URLs, files, and the videos of folders in the order of their names. Throws an
 * Error for what is not there, and a folder without a video.
 */
export async function findSources(
  given: string[],
  { include, exclude }: { include: string[]; exclude: string[] },
): Promise<Source[]> {
  const isIncluded = matchNames('--include', include.length > 0 ? include : [VIDEO_FILES]);
  const isExcluded = matchNames('--exclude', exclude);
  const sources: Source[] = [];
  for (const one of given) {
    if (/^https?:\/\//i.test(one)) {
      sources.push({ kind: 'url', name: one.replace(/[?#].*/, ''), url: one });
      continue;
    }
    const found = await stat(one).catch((cause) => {
      throw new Error(`There is no ${one}. Check its spelling.`, { cause });
    });
    if (!found.isDirectory()) {
      sources.push({ kind: 'file', name: one, path: resolve(one) });
      continue;
    }
    const entries = await readdir(one, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(one, '/').length))
      .filter((name) => !/(^|\/)\./.test(name) && isIncluded(name) && !isExcluded(name))
      .sort();
    if (names.length === 0)
      throw new Error(`There is no video file in ${one}. (--include takes other names)`);
    sources.push(...names.map((name) => ({ kind: 'file' as const, name, path: resolve(one, name) })));
  }
  return sources;
}
