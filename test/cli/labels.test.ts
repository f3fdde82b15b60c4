import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../start-app.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-cli-')));
const samples = resolve('samples');
let app: TestApp;
let circle: string;

beforeAll(async () => {
  app = await startApp({ MEDIA_DIRS: samples });
  circle = (await app.ingest({ path: `${samples}/a red circle moving left.mp4` })).video.id;
});
afterAll(async () => {
  await app?.remove();
  rmSync(folder, { recursive: true });
});

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

const clipql = (...args: string[]): Promise<Ended> =>
  new Promise((done) => {
    const env = { PATH: process.env.PATH, HOME: folder, CLIPQL_URL: app.url, ADMIN_TOKEN: app.token };
    execFile(process.execPath, ['dist/cli/main.js', ...args], { env }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('a table is imported, shown, classified against, exported, imported again and removed', async () => {
  const table = file(
    'shapes.csv',
    `label,text,example,note\nround,a red circle,${circle},x\nround,"a disc, red",,\na star,,,\n`,
  );
  const imported = await clipql(
    'labels',
    'import',
    table,
    '--name',
    'Shapes',
    '--template',
    "it's {}",
    '--template',
    '{}',
  );
  expect(imported).toMatchObject({ code: 0, stderr: 'Columns left out: note.\n' });
  const id = imported.stdout.trim();

  const list = await clipql('labels', 'list');
  expect(list.stdout.split('\n')[0]).toMatch(new RegExp(`^${id} +2 labels +Shapes$`));
  expect(list.stdout).toMatch(/^kinetics-400 +400 labels +Kinetics-400$/m);
  expect((await clipql('labels', 'show', id)).stdout).toBe(
    `Shapes  (${id})\ntemplate: it's {}\ntemplate: {}\n  round: a red circle | a disc, red  (examples: 1)\n  a star\n`,
  );
  const classified = await clipql('classify', circle, '--label-set', id, '--template', '{}', '--json');
  expect(JSON.parse(classified.stdout)[0].label).toBe('round');

  const exported = await clipql('labels', 'export', id);
  expect(exported.stdout).toBe(
    `label,text,example\nround,a red circle,${circle}\nround,"a disc, red",\na star,,\n`,
  );
  expect(exported.stderr).toContain(`--template 'it'\\''s {}' --template '{}'`);
  const again = await clipql('labels', 'import', file('again.csv', exported.stdout), '--name', 'Again');
  const labels = async (set: string) =>
    JSON.parse((await clipql('labels', 'show', set, '--json')).stdout).labels;
  expect(await labels(again.stdout.trim())).toEqual(await labels(id));

  expect(await clipql('labels', 'remove', id)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await clipql('labels', 'show', id)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no label set'),
  });
});

test('a plain list is imported, several templates count together', async () => {
  const list = file('list.txt', 'a red circle\na blue square\n');
  const { stdout } = await clipql('labels', 'import', list, '--name', 'List', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ name: 'List', size: 2 });
  const { id } = JSON.parse(stdout);
  const logit = async (...args: string[]) =>
    JSON.parse((await clipql('classify', circle, ...args, '--json')).stdout).find(
      (score: { label: string }) => score.label === 'a red circle',
    ).logit;
  const both = ['--template', '{}', '--template', 'look, {}'];
  expect(await logit('--label-set', id, ...both)).toBeCloseTo(
    await logit('a blue square', 'a red circle', ...both),
    4,
  );
  expect(await logit('--label-set', id, ...both)).not.toBeCloseTo(await logit('--label-set', id), 4);
});

test.each([
  [['labels', 'import', '/nowhere.csv', '--name', 'x'], 'cannot be read: ENOENT'],
  [['labels', 'import', file('no.csv', 'name,class\nx,1\n'), '--name', 'x'], 'no column "label"'],
  [
    ['labels', 'import', file('latin.csv', Buffer.from('label\ncaf\xe9', 'latin1')), '--name', 'x'],
    'not UTF-8',
  ],
  [['labels', 'import', file('empty.txt', '\n'), '--name', 'x'], '1 to 1000 labels, not 0'],
  [['labels', 'import', file('twice.txt', 'a\na\n'), '--name', 'x'], 'is label 1 again'],
  [['labels', 'import', file('one.txt', 'a\n'), '--name', 'Kinetics-400'], 'Choose another name'],
  [
    ['labels', 'import', file('stray.csv', 'label,example\na,b\n'), '--name', 'x'],
    'not a video of this library',
  ],
  [['labels', 'export', 'nonsense'], 'no label set nonsense'],
  [['labels', 'remove', 'article'], 'built in'],
  [['classify', 'x'], 'exactly one of `labels` and `labelSet`'],
  [['classify', 'x', 'a dog', '--label-set', 'article'], 'exactly one of `labels` and `labelSet`'],
])('refuses %#', async (args, message) => {
  expect(await clipql(...args)).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(message),
  });
});

test('an import without a name is not understood', async () => {
  expect(await clipql('labels', 'import', 'x.csv')).toMatchObject({ code: 2, stdout: '' });
});
