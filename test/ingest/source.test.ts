import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allowedPath, checkFile } from '#src/ingest/source.js';

let root: string;
let media: string;

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'clipql-source-')));
  media = join(root, 'media');
  await mkdir(join(media, 'sub'), { recursive: true });
  await mkdir(join(root, 'media-of-others'));
  await writeFile(join(media, 'in.mp4'), 'in');
  await writeFile(join(media, 'a\nb ü.mp4'), 'odd');
  await writeFile(join(root, 'out.mp4'), 'out');
  await writeFile(join(root, 'media-of-others', 'out.mp4'), 'out');
  await symlink(join(root, 'out.mp4'), join(media, 'leads-out.mp4'));
  await symlink(join(root, 'nothing.mp4'), join(media, 'dangles-out.mp4'));
  await symlink('nothing.mp4', join(media, 'dangles-in.mp4'));
  await symlink('../in.mp4', join(media, 'sub', 'leads-in.mp4'));
  await symlink('loop.mp4', join(media, 'loop.mp4'));
  await symlink(media, join(root, 'other-way-in'));
  execFileSync('mkfifo', [join(media, 'pipe.mp4')]);
});

afterAll(() => rm(root, { recursive: true }));

const allowed = async (path: string) => (await allowedPath(path, [media])).path;

test('a file inside is taken by its real path, however it is reached', async () => {
  const real = join(media, 'in.mp4');
  expect(await allowed(real)).toBe(real);
  expect(await allowed(join(media, 'sub', 'leads-in.mp4'))).toBe(real);
  expect(await allowed(join(root, 'other-way-in', 'in.mp4'))).toBe(real);
  expect(await allowed(`${media}/sub/../in.mp4`)).toBe(real);
  expect(await allowed(join(media, 'a\nb ü.mp4'))).toBe(join(media, 'a\nb ü.mp4'));
});

test('a media folder may itself be given by a link', async () => {
  expect((await allowedPath(join(media, 'in.mp4'), [join(root, 'other-way-in')])).path).toBe(
    join(media, 'in.mp4'),
  );
});

test.each([
  'out.mp4',
  'nothing.mp4',
  'media/../out.mp4',
  'media/sub/../../nothing.mp4',
  'media/leads-out.mp4',
  'media/dangles-out.mp4',
  'media-of-others/out.mp4',
  'media-of-others/nothing.mp4',
])('%s is outside, there or not', async (path) => {
  await expect(allowed(`${root}/${path}`)).rejects.toMatchObject({ code: 'SOURCE_NOT_ALLOWED' });
});

test('without media folders nothing is allowed', async () => {
  await expect(allowedPath(join(media, 'in.mp4'), [])).rejects.toMatchObject({ code: 'SOURCE_NOT_ALLOWED' });
});

test.each(['nothing.mp4', 'nothing/at/all.mp4', 'in.mp4/below-a-file', 'dangles-in.mp4', 'loop.mp4'])(
  '%s is inside and not there',
  async (path) => {
    await expect(allowed(join(media, path))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  },
);

test.each(['.', 'sub', 'pipe.mp4'])('%s is no file', async (path) => {
  await expect(allowed(join(media, path))).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test.each(['in.mp4', './in.mp4', '', '/media/\0in.mp4'])('%j is no absolute path', async (path) => {
  await expect(allowed(path)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('what became a link after it was queued is not read', async () => {
  await expect(checkFile(join(media, 'leads-out.mp4'))).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
});

test('messages name no path', async () => {
  for (const path of [join(root, 'out.mp4'), join(media, 'nothing.mp4'), join(media, 'sub')]) {
    await expect(allowed(path)).rejects.toMatchObject({ message: expect.not.stringContaining(root) });
  }
});
