import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { listFolder } from '#src/ingest/list-folder.js';
import { all } from '../media/all.js';

const ALL = { recursive: true, include: [] as string[], exclude: [] as string[] };

/** A media folder with these files, as long as the test runs. */
function mediaFolder(files: string[] = []): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-folder-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), file);
  }
  return folder;
}

async function names(
  folder: string,
  options: Partial<typeof ALL> = {},
  mediaDirs = [folder],
  skipped?: string[],
) {
  const found: string[] = [];
  for await (const { name } of listFolder(folder, { ...ALL, ...options }, mediaDirs, (name) =>
    skipped?.push(name),
  ))
    found.push(name);
  return found;
}

test('video files of any letter case, in the order of their names, as they are', async () => {
  const folder = mediaFolder([
    ...['b.MP4', 'a/2.mov', 'a/10.mkv', 'a.webm', 'notes.txt', 'mp4', 'x.mp4.part', 'B.avi', 'a/b/c/deep.TS'],
    ...[
      'Ünïcode ✈ 映画.mp4',
      'line\nbreak.mp4',
      'a\nb/c\nd.mov',
      '-x.mp4',
      "it's.m4v",
      '*.mp4',
      '\\.mp4',
      ' .mp4',
    ],
  ]);
  expect(await names(folder)).toEqual([
    ...[
      ' .mp4',
      '*.mp4',
      '-x.mp4',
      'B.avi',
      '\\.mp4',
      'a/10.mkv',
      'a/2.mov',
      'a/b/c/deep.TS',
      'a\nb/c\nd.mov',
    ],
    ...['a.webm', 'b.MP4', "it's.m4v", 'line\nbreak.mp4', 'Ünïcode ✈ 映画.mp4'],
  ]);
  const [first] = await all(listFolder(folder, ALL, [folder]));
  const { size, mtimeMs } = statSync(join(folder, ' .mp4'));
  expect(first).toEqual({ path: join(folder, ' .mp4'), name: ' .mp4', size, mtimeMs });
});

test('without recursion, and with patterns', async () => {
  const folder = mediaFolder([
    'a.mp4',
    'b.bin',
    'raw/c.mp4',
    'raw/d.MP4',
    'day 1/raw/e.mp4',
    'day 1/f.mp4',
    'Étude.mp4',
  ]);
  expect(await names(folder, { recursive: false })).toEqual(['a.mp4', 'Étude.mp4']);
  expect(await names(folder, { include: ['*.bin'] })).toEqual(['b.bin']);
  expect(await names(folder, { include: ['raw/*'] })).toEqual(['raw/c.mp4', 'raw/d.MP4']);
  expect(await names(folder, { include: ['**/raw/**'] })).toEqual([
    'day 1/raw/e.mp4',
    'raw/c.mp4',
    'raw/d.MP4',
  ]);
  expect(await names(folder, { exclude: ['raw'] })).toEqual(['a.mp4', 'day 1/f.mp4', 'Étude.mp4']);
  expect(await names(folder, { exclude: ['raw/**', '[ab]*'] })).toEqual([
    ...['day 1/f.mp4', 'day 1/raw/e.mp4', 'Étude.mp4'],
  ]);
  expect(await names(folder, { include: ['É*'.normalize('NFD')] })).toEqual(['Étude.mp4']);
});

test('hidden files and folders are left out', async () => {
  const folder = mediaFolder(['.a.mp4', '.cache/b.mp4', 'c/.d/e.mp4', 'c/f.mp4', '._f.mp4']);
  expect(await names(folder)).toEqual(['c/f.mp4']);
  expect(await names(join(folder, '.cache'), {}, [folder])).toEqual(['b.mp4']);
});

test('links are followed within the media folders, not out of them and not in circles; a file comes once', async () => {
  const folder = mediaFolder(['a/one.mp4', 'b/two.mp4']);
  const shared = mediaFolder(['three.mp4', 'more/four.mp4']);
  const outside = mediaFolder(['secret.mp4', 'secrets/deep.mp4']);
  symlinkSync(folder, join(folder, 'a/circle'));
  symlinkSync('..', join(folder, 'b/up'));
  symlinkSync(join(folder, 'b/two.mp4'), join(folder, 'a/again.mp4'));
  symlinkSync(shared, join(folder, 'c-shared'));
  symlinkSync(join(shared, 'more'), join(folder, 'd-more'));
  symlinkSync(outside, join(folder, 'e-outside'));
  symlinkSync(join(outside, 'secret.mp4'), join(folder, 'f.mp4'));
  symlinkSync(join(folder, 'e-outside/secrets'), join(folder, 'g'));
  symlinkSync('/etc/passwd', join(folder, 'h.mp4'));
  symlinkSync('nowhere', join(folder, 'i.mp4'));
  symlinkSync('j.mp4', join(folder, 'j.mp4'));
  const skipped: string[] = [];
  expect(await names(folder, {}, [folder, shared], skipped)).toEqual([
    ...['a/again.mp4', 'a/one.mp4', 'c-shared/more/four.mp4', 'c-shared/three.mp4'],
  ]);
  expect(skipped).toEqual(['e-outside', 'f.mp4', 'g', 'h.mp4', 'i.mp4', 'j.mp4']);
  const paths = (await all(listFolder(folder, ALL, [folder, shared]))).map(({ path }) => path);
  expect(paths[0]).toBe(join(folder, 'b/two.mp4'));
  expect(paths.every((path) => realpathSync(path) === path)).toBe(true);
});

test('a folder outside, by whatever spelling, is not allowed; one that is not there is not found', async () => {
  const folder = mediaFolder(['a.mp4', 'b/c.mp4']);
  const outside = mediaFolder(['secret.mp4']);
  symlinkSync(outside, join(folder, 'link'));
  const code = (path: string, options = {}) =>
    names(path, options, [folder]).then(
      () => null,
      (error) => error.code,
    );
  expect(await code(outside)).toBe('SOURCE_NOT_ALLOWED');
  expect(await code(`${folder}/../${outside.split('/').at(-1)}`)).toBe('SOURCE_NOT_ALLOWED');
  expect(await code(join(folder, 'link'))).toBe('SOURCE_NOT_ALLOWED');
  expect(await code(`${folder}x`)).toBe('SOURCE_NOT_ALLOWED');
  expect(await code('/')).toBe('SOURCE_NOT_ALLOWED');
  expect(await code('b')).toBe('BAD_USER_INPUT');
  expect(await code(`${folder}/b\0`)).toBe('BAD_USER_INPUT');
  expect(await code(join(folder, 'a.mp4'))).toBe('BAD_USER_INPUT');
  expect(await code(join(folder, 'nothing'))).toBe('SOURCE_NOT_FOUND');
  expect(await code(folder, { include: [''] })).toBe('BAD_USER_INPUT');
  expect(await code(folder, { exclude: ['a'.repeat(257)] })).toBe('BAD_USER_INPUT');
  expect(await code(folder, { exclude: Array(101).fill('a') })).toBe('BAD_USER_INPUT');
});

test('what vanishes during the walk is left out and told', async () => {
  const folder = mediaFolder(['a.mp4', 'b/c.mp4', 'd.mp4', 'e.mp4']);
  const skipped: string[] = [];
  const walk = listFolder(folder, ALL, [folder], (name) => skipped.push(name));
  await walk.next();
  renameSync(join(folder, 'b'), `${folder}/.b`);
  rmSync(join(folder, 'd.mp4'));
  expect((await all(walk)).map(({ name }) => name)).toEqual(['e.mp4']);
  expect(skipped).toEqual(['b', 'd.mp4']);
});

test('a folder that may not be read is told, and does not end the walk; as the folder itself it is not found', async () => {
  const folder = mediaFolder(['a.mp4', 'b/c.mp4', 'd.mp4']);
  chmodSync(folder, 0o755);
  chmodSync(join(folder, 'b'), 0);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.('nobody');
  try {
    const skipped: string[] = [];
    expect(await names(folder, {}, [folder], skipped)).toEqual(['a.mp4', 'd.mp4']);
    expect(skipped).toEqual(['b']);
    await expect(names(join(folder, 'b'), {}, [folder])).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(join(folder, 'b'), 0o755);
  }
});

test('any names: all that are there come, each once', async () => {
  const part = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    .filter((name) => !/^\.|[/\0]/.test(name) && Buffer.byteLength(name) < 200);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(part, part), { maxLength: 20 }), async (pairs) => {
      const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-folder-')));
      try {
        const files = [...new Set(pairs.map(([above, name]) => `d${above}/${name}.mp4`))];
        for (const file of files) {
          mkdirSync(join(folder, dirname(file)), { recursive: true });
          writeFileSync(join(folder, file), '');
        }
        expect((await names(folder)).toSorted()).toEqual(files.toSorted());
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 50 },
  );
});

test('patterns made to take for ever do not', async () => {
  const folder = mediaFolder([`${'a'.repeat(200)}.mp4`]);
  for (const pattern of [
    '*a'.repeat(120),
    '+(a|a|a)'.repeat(20),
    `${'{a,aa}'.repeat(40)}b`,
    '*'.repeat(256),
    '**/'.repeat(80),
  ])
    await names(folder, { include: [pattern] });
}, 10_000);
