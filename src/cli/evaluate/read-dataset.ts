import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { findSources, type Source } from '../ingest/find-sources.ts';
import { labelText } from './label-text.ts';
import { readTable } from './read-table.ts';

/** A labelled video. */
export interface Item {
  source: Source & { kind: 'file' };
  label: string;
  /** What else describes it; perhaps several texts, perhaps none. */
  captions: string[];
}

/** What is to be evaluated. */
export interface Dataset {
  items: Item[];
  /** All labels, in order. */
  labels: string[];
  /** Files of a folder that have no label, because they lie beside the folders of the labels. */
  unlabelled: string[];
}

/**
 * A folder with a folder for each label, or a CSV file with the columns `file` (relative to it), `label` and perhaps
 * `caption` (rows of one file add captions). Throws an Error that says what is wrong with it.
 * @param mapping a CSV file with the columns `folder` and `label`, for folders whose names do not say what they hold
 */
export async function readDataset(path: string, mapping: string | undefined): Promise<Dataset> {
  const found = await stat(path).catch((cause) => {
    throw new Error(`There is no ${path}. Check its spelling.`, { cause });
  });
  if (!found.isDirectory() && mapping) throw new Error('--labels is for folders; a table names its labels.');
  const { items, unlabelled } = found.isDirectory()
    ? await readFolder(path, await readMapping(mapping))
    : { items: await readItems(path), unlabelled: [] };
  if (items.length === 0) throw new Error(`${path} holds no labelled video.`);
  const labels = [...new Set(items.map(({ label }) => label))].sort();
  return { items, labels, unlabelled };
}

async function readFolder(folder: string, mapping: Map<string, string> | null) {
  const items: Item[] = [];
  const unlabelled: string[] = [];
  const folders = new Map<string, string>();
  for (const source of await findSources([folder], { include: [], exclude: [] })) {
    if (source.kind !== 'file') continue;
    const [name = '', ...below] = source.name.slice(join(folder, '/').length).split('/');
    if (below.length === 0) {
      unlabelled.push(source.name);
      continue;
    }
    const label = mapping ? mapping.get(name) : labelText(name);
    if (!label) throw new Error(`--labels does not name the folder ${name}.`);
    const other = folders.get(label) ?? name;
    if (other !== name) throw new Error(`The folders ${other} and ${name} both stand for "${label}".`);
    folders.set(label, name);
    items.push({ source, label, captions: [] });
  }
  return { items, unlabelled };
}

async function readMapping(file: string | undefined): Promise<Map<string, string> | null> {
  if (!file) return null;
  const rows = await readTable(file, ['folder', 'label']);
  return new Map(rows.map(({ row }) => [row.folder ?? '', row.label ?? '']));
}

async function readItems(file: string): Promise<Item[]> {
  const items = new Map<string, Item>();
  for (const { line, row } of await readTable(file, ['file', 'label'])) {
    const { file: name, label, caption } = row;
    if (!name || !label) throw new Error(`${file} has no ${name ? 'label' : 'file'} in line ${line}.`);
    const path = resolve(dirname(file), name);
    const item = items.get(path) ?? { source: { kind: 'file', name, path }, label, captions: [] };
    if (item.label !== label) {
      throw new Error(`${file}, line ${line}: ${name} is "${label}" here and "${item.label}" above.`);
    }
    items.set(path, item);
    if (caption && !item.captions.includes(caption)) item.captions.push(caption);
  }
  return [...items.values()];
}
