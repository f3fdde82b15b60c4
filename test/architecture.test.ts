import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** What a folder may import beside itself; `.` are the files of src itself. */
const MAY_IMPORT: Record<string, string[]> = {
  errors: [],
  'setting-types': [],
  'settings-table': ['setting-types'],
  config: ['errors', 'setting-types', 'settings-table'],
  log: [],
  metrics: [],
  'directory-lock': [],
  db: ['errors', 'config', 'directory-lock'],
  media: ['errors', 'config'],
  xclip: ['errors', 'config', 'directory-lock'],
  store: ['db', 'media', 'xclip', 'errors', 'config'],
  models: ['store', 'xclip', 'errors', 'config'],
  ingest: ['models', 'store', 'media', 'xclip', 'metrics', 'errors', 'config'],
  search: ['store', 'media', 'xclip', 'errors', 'config'],
  cli: ['media', 'xclip', 'errors', 'config'],
  api: ['search', 'ingest', 'models', 'store', 'media', 'xclip', 'db', 'metrics', 'errors', 'config'],
};

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

const text = (file: string) => readFileSync(join(SRC, file), 'utf8');

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

const imports: Import[] = files.flatMap((from) =>
  [...text(from).matchAll(/^(?:import|export)\s+(type\s)?(?:[^;'"]*?from\s*)?['"](\.[^'"]+)['"]/gm)].map(
    ([, type, path]) => ({
      from,
      to: relative(SRC, join(SRC, dirname(from), path as string)),
      typeOnly: type !== undefined,
    }),
  ),
);

const folderOf = (file: string) => (file.split('/')[0] as string).replace(/\.ts$/, '');

test('every relative import leads to a file', () => {
  expect(imports.length).toBeGreaterThan(50);
  expect(imports.filter(({ to }) => !files.includes(to))).toEqual([]);
});

test('imports point one way', () => {
  const wrong = imports.filter(({ from, to, typeOnly }) => {
    const [folder, target] = [folderOf(from), folderOf(to)];
    if (folder === target || !(folder in MAY_IMPORT)) return false; // the rest of src itself puts the parts together
    if (MAY_IMPORT[folder]?.includes(target)) return false;
    return !(typeOnly && folder === 'media' && to === 'store/types.ts');
  });
  expect(wrong).toEqual([]);
});

test('there is no import cycle', () => {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const { from, to } of imports) {
      const cycle = from === file ? visit(to, [...path, file]) : null;
      if (cycle) return cycle;
    }
    done.add(file);
    return null;
  };
  expect(files.map((file) => visit(file, [])).find((cycle) => cycle)).toBeUndefined();
});

test('only config.ts reads the environment', () => {
  expect(
    files.filter((file) => /process\s*\.\s*env|process\s*\[|\benv\b.*from 'node:process'/.test(text(file))),
  ).toEqual(['config.ts']);
});

test('files are short', () => {
  const long = files.filter((file) => text(file).split('\n').length > 251);
  expect(long).toEqual([]);
});
