import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { labelText } from '#src/cli/evaluate/label-text.js';
import { readDataset } from '#src/cli/evaluate/read-dataset.js';
import { readSplits } from '#src/cli/evaluate/read-splits.js';

const folder = mkdtempSync(join(tmpdir(), 'clipql-dataset-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content = ''): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

test.each([
  ['ApplyEyeMakeup', 'apply eye makeup'],
  ['brush_hair', 'brush hair'],
  ['YoYo', 'yo yo'],
  ['TVShow', 'tv show'],
  ['HandstandPushups2Go', 'handstand pushups2 go'],
  ['passing American football (in game)', 'passing american football (in game)'],
  ['cafe\u0301', 'café'],
])('the folder %s is "%s"', (name, text) => {
  expect(labelText(name)).toBe(text);
});

test('a folder for each label; what lies beside them has none', async () => {
  file('ucf/PullUps/v_PullUps_g01_c01.avi');
  file('ucf/YoYo/deep/v_YoYo_g01_c01.avi');
  file('ucf/readme.txt');
  file('ucf/beside.mp4');
  const { items, labels, unlabelled } = await readDataset(join(folder, 'ucf'), undefined);
  expect(labels).toEqual(['pull ups', 'yo yo']);
  expect(items.map(({ label, source }) => [label, source.path])).toEqual([
    ['pull ups', join(folder, 'ucf/PullUps/v_PullUps_g01_c01.avi')],
    ['yo yo', join(folder, 'ucf/YoYo/deep/v_YoYo_g01_c01.avi')],
  ]);
  expect(unlabelled).toEqual([join(folder, 'ucf/beside.mp4')]);

  const table = file('names.csv', 'label,folder\n"doing pull-ups, many",PullUps\nyoyo,YoYo\n');
  const named = await readDataset(join(folder, 'ucf'), table);
  expect(named.labels).toEqual(['doing pull-ups, many', 'yoyo']);
  const short = file('short.csv', 'folder,label\nPullUps,x\n');
  await expect(readDataset(join(folder, 'ucf'), short)).rejects.toThrow('does not name the folder YoYo.');

  file('twice/pull_ups/a.mp4');
  file('twice/PullUps/a.mp4');
  await expect(readDataset(join(folder, 'twice'), undefined)).rejects.toThrow(
    'The folders PullUps and pull_ups both stand for "pull ups".',
  );
});

test('a table; rows of one file add captions', async () => {
  const table = file(
    'videos.csv',
    '\ufeffcaption,File,label\r\n"a man, running",a.mp4,run\r\nhe runs,a.mp4,run\r\n,deep/b.mp4,walk\r\n',
  );
  const { items, labels } = await readDataset(table, undefined);
  expect(labels).toEqual(['run', 'walk']);
  expect(items).toEqual([
    {
      source: { kind: 'file', name: 'a.mp4', path: join(folder, 'a.mp4') },
      label: 'run',
      captions: ['a man, running', 'he runs'],
    },
    {
      source: { kind: 'file', name: 'deep/b.mp4', path: join(folder, 'deep/b.mp4') },
      label: 'walk',
      captions: [],
    },
  ]);
});

test.each([
  ['file,name\na,b\n', 'has no column "label"'],
  ['file,label\na,\n', 'has no label in line 2.'],
  ['file,label\na,x\n\na,y\n', 'line 4: a is "y" here and "x" above.'],
  ['file,label\n', 'holds no labelled video.'],
  ['file,label\n"a,x\n', 'is not a table'],
])('a table that is wrong says why: %j', async (content, message) => {
  await expect(readDataset(file('wrong.csv', content), undefined)).rejects.toThrow(message);
});

test("splits as UCF-101's and HMDB-51's lists have them", async () => {
  file('ucf/PullUps/v_PullUps_g02_c01.avi');
  const ucf = await readDataset(join(folder, 'ucf'), undefined);
  const one = file('testlist01.txt', 'PullUps/v_PullUps_g01_c01.avi\r\n');
  const two = file('testlist02.txt', 'PullUps/v_PullUps_g02_c01.avi 12\nPullUps/v_PullUps_g01_c01.avi 12\n');
  const names = (splits: Awaited<ReturnType<typeof readSplits>>) =>
    splits.map(({ name, items }) => [name, ...items.map(({ source }) => source.path.split('/').at(-1))]);
  expect(names(await readSplits(ucf.items, [one, two]))).toEqual([
    ['testlist01', 'v_PullUps_g01_c01.avi'],
    ['testlist02', 'v_PullUps_g02_c01.avi', 'v_PullUps_g01_c01.avi'],
  ]);

  for (const name of ['brush_hair/a.avi', 'brush_hair/b.avi', 'run/c.avi']) file(`hmdb/${name}`);
  const hmdb = await readDataset(join(folder, 'hmdb'), undefined);
  const lists = [
    file('brush_hair_test_split1.txt', 'a.avi 2 \nb.avi 1 \n'),
    file('run_test_split1.txt', 'c.avi 2 \n'),
    file('brush_hair_test_split2.txt', 'a.avi 0 \nb.avi 2 \n'),
  ];
  expect(names(await readSplits(hmdb.items, lists))).toEqual([
    ['split 1', 'a.avi', 'c.avi'],
    ['split 2', 'b.avi'],
  ]);
  await expect(readSplits(hmdb.items, [one])).rejects.toThrow('which is not in the data set.');

  const repeated = file('repeated.txt', 'run/c.avi\nrun/c.avi\n');
  expect(names(await readSplits(hmdb.items, [repeated]))).toEqual([['repeated', 'c.avi']]);
  const deep = file('deep.csv', 'file,label\nx/run/c.avi,run\ny/run/c.avi,run\n');
  await expect(readSplits((await readDataset(deep, undefined)).items, [repeated])).rejects.toThrow(
    'names run/c.avi, of which the data set has two.',
  );
});
