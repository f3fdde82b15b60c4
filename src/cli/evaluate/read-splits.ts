import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Item } from './read-dataset.ts';

/** A part of a data set that is evaluated by itself. */
export interface Split {
  name: string;
  items: Item[];
}

/** `brush_hair_test_split1.txt`: a file for each label, lines of a name and 1 (train), 2 (test) or 0 (neither). */
const HMDB = /^(.+)_test_split(\d+)\.txt$/;
const HMDB_TEST = '2';

/**
 * The test splits that list files name. UCF-101's `testlist01.txt` is one: a line for each file, `label/name.avi`; so
 * is any other list of files. HMDB-51's files of the same number are one together. Names count from their end: the
 * folder and the file; what is named twice counts once. Throws an Error for what the data set lacks, or has twice.
 */
export async function readSplits(items: Item[], lists: string[]): Promise<Split[]> {
  const known = new Map<string, Item[]>();
  for (const item of items) {
    const name = lastTwo(item.source.path);
    known.set(name, [...(known.get(name) ?? []), item]);
  }
  const splits = new Map<string, Split>();
  for (const list of lists) {
    const [, folder, number] = HMDB.exec(basename(list)) ?? [];
    const name = number ? `split ${number}` : basename(list).replace(/\.txt$/, '');
    const split = splits.get(name) ?? { name, items: [] };
    splits.set(name, split);
    for (const line of await readLines(list)) {
      const [file = '', mark] = folder ? line.split(/\s+/) : [line.replace(/\s+\d+$/, '')];
      if (folder && mark !== HMDB_TEST) continue;
      const [item, other] = known.get(lastTwo(folder ? `${folder}/${file}` : file)) ?? [];
      if (!item) throw new Error(`${list} names ${file}, which is not in the data set.`);
      if (other) throw new Error(`${list} names ${file}, of which the data set has two.`);
      if (!split.items.includes(item)) split.items.push(item);
    }
  }
  for (const { name, items: those } of splits.values()) {
    if (those.length === 0) throw new Error(`The list of ${name} names no video.`);
  }
  return [...splits.values()];
}

const lastTwo = (path: string): string => path.split('/').slice(-2).join('/');

async function readLines(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read: ${cause.code}.`, { cause });
  });
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
