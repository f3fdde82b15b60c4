import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

/** A folder of source: its files by their paths in it, and what they import of each other. */
interface Tree {
  files: string[];
  text(file: string): string;
  imports: Import[];
}

function readTree(name: string): Tree {
  const root = fileURLToPath(new URL(`../${name}/`, import.meta.url));
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\.tsx?$/.test(file),
  );
  const text = (file: string) => readFileSync(join(root, file), 'utf8');
  const imports = files.flatMap((from) =>
    [
      ...text(from).matchAll(/^(?:import|export)\s+(type\s)?(?:[^;'"]*?from\s*)?['"](\.[^'"]+\.tsx?)['"]/gm),
    ].map(([, type, path]) => ({
      from,
      to: relative(root, join(root, dirname(from), path as string)),
      typeOnly: type !== undefined,
    })),
  );
  return { files, text, imports };
}

const folderOf = (file: string) => (file.split('/')[0] as string).replace(/\.tsx?$/, '');

/** What a folder may import beside itself; of what is not named here may import all: it puts the parts together. */
const MAY_IMPORT: Record<string, Record<string, string[]>> = {
  src: {
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
  },
  web: {
    api: [],
    parts: ['api'],
    'not-found': ['parts'],
    'token-dialog': ['api'],
    ingest: ['parts', 'api'],
    library: ['ingest', 'parts', 'api'],
    video: ['not-found', 'parts', 'api'],
    model: ['parts', 'api'],
  },
};

describe.each(Object.entries(MAY_IMPORT))('%s', (name, mayImport) => {
  const { files, text, imports } = readTree(name);

  test('every relative import leads to a file of it', () => {
    expect(imports.length).toBeGreaterThan(50);
    expect(imports.filter(({ to }) => !files.includes(to))).toEqual([]);
  });

  test('imports point one way', () => {
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      const [folder, target] = [folderOf(from), folderOf(to)];
      if (folder === target || !(folder in mayImport)) return false;
      if (mayImport[folder]?.includes(target)) return false;
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
    const readers = files.filter((file) =>
      /process\s*\.\s*env|process\s*\[|\benv\b.*from 'node:process'/.test(text(file)),
    );
    expect(readers).toEqual(name === 'src' ? ['config.ts'] : []);
  });

  test('files are short', () => {
    const long = files.filter((file) => text(file).split('\n').length > 251);
    expect(long).toEqual(name === 'web' ? ['api/documents.ts'] : []); // written by a program
  });
});
