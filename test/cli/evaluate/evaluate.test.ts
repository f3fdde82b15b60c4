import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../../start-app.ts';

/** The samples that show one figure, by its colour: "a red ring moving up.mp4". */
const SAMPLES = readdirSync('samples').flatMap((name) => {
  const [, colour, rest] = /^an? (\w+) ([a-z ]+)\.mp4$/.exec(name) ?? [];
  return colour && !rest?.includes(' and ') ? [{ name, colour }] : [];
});
const COLOURS = [...new Set(SAMPLES.map(({ colour }) => colour))].sort();
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-evaluate-')));
const films = join(folder, 'films');
let app: TestApp;

beforeAll(async () => {
  for (const { name, colour } of SAMPLES) {
    mkdirSync(join(films, colour), { recursive: true });
    cpSync(join('samples', name), join(films, colour, name));
  }
  writeFileSync(join(films, 'red', 'no video.mp4'), 'Text.');
  app = await startApp({ MEDIA_DIRS: folder });
});
afterAll(async () => {
  await app?.remove();
  rmSync(folder, { recursive: true });
});

const clipql = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((done) => {
    const env = {
      ...{ PATH: process.env.PATH, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') },
      ...{ CLIPQL_URL: app.url, ADMIN_TOKEN: app.token },
    };
    execFile(process.execPath, ['dist/cli/main.js', ...args], { env }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });

test('a folder is taken in, and its figures are what the API says of each video', {
  timeout: 240_000,
}, async () => {
  const template = 'a {} figure';
  const first = await clipql('evaluate', films, '--template', template, '--json');
  expect(first.code).toBe(1);
  const evaluation = JSON.parse(first.stdout);
  expect(evaluation.failures).toMatchObject([
    { file: join(films, 'red', 'no video.mp4'), code: 'NOT_A_VIDEO', message: expect.any(String) },
  ]);
  const [split] = evaluation.splits;
  expect(split).toMatchObject({ name: 'all', files: SAMPLES.length });

  const { data } = await app.ask('{ videos(first: 100) { edges { node { id title } } } }');
  const idOf = new Map<string, string>(
    data.videos.edges.map(({ node }: { node: { id: string; title: string } }) => [`${node.title}`, node.id]),
  );
  const colourOf = new Map(
    SAMPLES.map(({ name, colour }) => [idOf.get(name) ?? idOf.get(name.replace('.mp4', '')), colour]),
  );
  expect(colourOf.size).toBe(SAMPLES.length);
  const right = new Map(COLOURS.map((colour) => [colour, 0]));
  for (const [id, colour] of colourOf) {
    const answer = await app.ask(
      'query ($id: ID!, $labels: [String!], $template: String) { classifyVideo(id: $id, labels: $labels, template: $template) { best { label } } }',
      { id, labels: COLOURS, template },
    );
    if (answer.data.classifyVideo.best.label === colour) right.set(colour, (right.get(colour) ?? 0) + 1);
  }
  const total = [...right.values()].reduce((sum, each) => sum + each, 0);
  expect(split.top1).toBeCloseTo(total / SAMPLES.length, 12);
  for (const { label, n, recall } of split.labels) {
    expect(n).toBe(SAMPLES.filter(({ colour }) => colour === label).length);
    expect(recall).toBeCloseTo((right.get(label) ?? 0) / n, 12);
  }

  let hits = 0;
  for (const colour of COLOURS) {
    const found = await app.ask(
      'query ($text: String) { searchVideos(text: $text, minRelevance: 0, first: 1) { edges { node { id } } } }',
      { text: template.replace('{}', colour) },
    );
    hits += Number(colourOf.get(found.data.searchVideos.edges[0].node.id) === colour);
  }
  expect(split.retrieval).toMatchObject({ texts: COLOURS.length, recallAt1: hits / COLOURS.length });

  rmSync(join(films, 'red', 'no video.mp4'));
  const file = join(folder, 'figures.json');
  const again = await clipql('evaluate', films, '--template', template, '--json', file, '--in-place');
  expect(again.code).toBe(0);
  expect(again.stderr).toContain(`0 ingested, ${SAMPLES.length} known already, 0 failed.`);
  expect(JSON.parse(readFileSync(file, 'utf8')).splits).toEqual(evaluation.splits);
  expect(again.stdout).toContain('which reads "a {} figure"');
  expect(again.stdout).toMatch(new RegExp(`top-1 +${(100 * split.top1).toFixed(1)} %`));
  expect(again.stdout.split('\n').length).toBeLessThan(50);
});

test('a table with captions, in splits, against a label set', { timeout: 120_000 }, async () => {
  const rows = SAMPLES.slice(0, 4).map(
    ({ name, colour }) => `"films/${colour}/${name}",${colour},"${name.slice(0, -4)}"`,
  );
  const table = join(folder, 'films.csv');
  writeFileSync(table, ['file,label,caption', ...rows, 'films/lost.mp4,red,'].join('\n'));
  const lists = [0, 2].map((i) => {
    const list = join(folder, `list${i}.txt`);
    const names = SAMPLES.slice(i, i + 2).map(({ name, colour }) => `${colour}/${name}`);
    writeFileSync(list, names.join('\n'));
    return list;
  });
  const labels = [...COLOURS, 'pink'].map((label) => ({ label }));
  const { data } = await app.ask(
    'mutation ($input: CreateLabelSetInput!) { createLabelSet(input: $input) { id } }',
    { input: { name: 'Colours', templates: ['a {} figure'], labels } },
  );
  const { id } = data.createLabelSet;
  const ended = await clipql('evaluate', table, '--label-set', id, '--json', '--list', ...lists);
  expect(ended).toMatchObject({ code: 0 });
  const { splits, templates } = JSON.parse(ended.stdout);
  expect(templates).toEqual(['a {} figure']);
  expect(splits).toMatchObject([
    { name: 'list0', files: 2, retrieval: { texts: 2 } },
    { name: 'list2', files: 2, retrieval: { texts: 2 } },
  ]);
  expect(splits[0].labels).toHaveLength(COLOURS.length + 1);
  const whole = await clipql('evaluate', table, '--label-set', id);
  expect(whole.code).toBe(1);
  expect(whole.stdout).toContain('1 files left out:\n  films/lost.mp4');
});

test('what cannot be done is said, with exit code 2', async () => {
  expect(await clipql('evaluate', join(folder, 'nowhere'))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('There is no'),
  });
  const { code, stderr } = await clipql('evaluate', films, '--label-set', 'article');
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('The label set has no "'),
  });
});
