import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const CLIPQL = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-cli-')));
let app: TestApp;

beforeAll(async () => {
  app = await startApp({ MEDIA_DIRS: folder });
});
afterAll(async () => {
  await app?.remove();
  rmSync(folder, { recursive: true });
});

function start(args: string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [CLIPQL, ...args], {
    env: {
      ...{ PATH: process.env.PATH, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') },
      ...{ CLIPQL_URL: app.url, ADMIN_TOKEN: app.token, ...environment },
    },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (output.stdout += text));
  child.stderr.on('data', (text) => (output.stderr += text));
  return { child, end: once(child, 'close').then(([code]) => ({ code: code as number, ...output })) };
}
const clipql = (...args: string[]) => start(args).end;
const lines = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const uploadsUnderWay = async () =>
  (await readdir(join(app.dataDir, 'uploads')).catch(() => [])).filter((name) => /^[0-9a-f]{32}$/.test(name));

test('a folder is sent, and again only what is new', async () => {
  const films = join(folder, 'films');
  mkdirSync(join(films, 'deep'), { recursive: true });
  makeClip(join(films, 'a red.mp4'), { seconds: 2 });
  makeClip(join(films, 'deep', 'blue.mp4'), { seconds: 2, colour: 'blue' });
  writeFileSync(join(films, 'notes.txt'), 'No video.');
  const first = await clipql('ingest', films, '--tag', 'films', '--metadata', '{"shelf": 7}');
  expect(first).toMatchObject({ code: 0, stdout: '' });
  expect(first.stderr).toContain('2 ingested, 0 known already, 0 failed.');
  const { data } = await app.ask(
    '{ videos(filter: {tags: ["films"]}) { edges { node { title metadata searchable } } } }',
  );
  expect(data.videos.edges).toHaveLength(2);
  expect(data.videos.edges[0].node).toMatchObject({ metadata: { shelf: 7 }, searchable: true });

  makeClip(join(films, 'green.mp4'), { seconds: 2, colour: 'green' });
  cpSync(join(films, 'green.mp4'), join(films, 'the same.mp4'));
  const second = await clipql('ingest', films, '--exclude', 'the*', '--json');
  expect(second.code).toBe(0);
  const told = lines(second.stdout);
  expect(told.at(-1)).toEqual({ total: 3, succeeded: 1, duplicate: 2, failed: 0, cancelled: 0, queued: 0 });
  expect(told.map(({ name, outcome }) => [name, outcome])).toContainEqual([
    join(films, 'green.mp4'),
    'succeeded',
  ]);
});

test('what fails is told with its reason, and the exit code says so', async () => {
  const text = join(folder, 'text.mp4');
  writeFileSync(text, 'No video.');
  const good = makeClip(join(folder, 'good.mp4'), { seconds: 1, colour: 'white' });
  const { code, stdout } = await clipql('ingest', text, good, 'http://127.0.0.1:1/x.mp4', '--json');
  expect(code).toBe(1);
  const byName = Object.fromEntries(lines(stdout).map((line) => [line.name, line]));
  expect(byName[text]).toMatchObject({ outcome: 'failed', error: { code: 'NOT_A_VIDEO' }, video: null });
  expect(byName[good]).toMatchObject({ outcome: 'succeeded', error: null, video: expect.any(String) });
  expect(byName['http://127.0.0.1:1/x.mp4']).toMatchObject({ error: { code: 'SOURCE_NOT_ALLOWED' } });
});

test('files may be read in place, and cut otherwise', async () => {
  const path = makeClip(join(folder, 'in place.mp4'), { seconds: 6, colour: 'black' });
  const given = ['--in-place', '--title', 'Here', '--clip-seconds', '2', '--overlap', '0.5'];
  expect(await clipql('ingest', path, ...given)).toMatchObject({ code: 0 });
  const { data } = await app.ask(
    '{ videos(filter: {title: "Here"}) { edges { node { segmentation { clipSeconds overlap scenes } clips { start } } } } }',
  );
  const [{ node }] = data.videos.edges;
  expect(node.segmentation).toEqual({ clipSeconds: 2, overlap: 0.5, scenes: false });
  expect(node.clips).toHaveLength(5);
});

test('the same bytes under two names are one video; who does not wait is told the ingestion', async () => {
  const twice = join(folder, 'twice');
  mkdirSync(twice);
  makeClip(join(twice, 'one.mp4'), { seconds: 1, colour: 'yellow' });
  cpSync(join(twice, 'one.mp4'), join(twice, 'odd\n\u001b[31mname.mp4'));
  const { code, stdout } = await clipql('ingest', twice, join(twice, 'one.mp4'), '--json');
  expect(code).toBe(0);
  const [a, b, total] = lines(stdout);
  expect(total).toMatchObject({ total: 2, succeeded: 1, duplicate: 1 });
  expect(a.video).toBe(b.video);

  const again = await clipql('ingest', twice);
  expect(again.stderr).toContain(`known already  ${join(twice, 'odd [31mname.mp4')}`);

  const other = makeClip(join(folder, 'other.mp4'), { seconds: 1, colour: 'purple' });
  const queued = lines((await clipql('ingest', other, '--no-wait', '--json')).stdout);
  expect(queued[1]).toMatchObject({ queued: 1, succeeded: 0 });
  const { data } = await app.ask('query ($id: ID!) { ingestion(id: $id) { source { name } } }', {
    id: queued[0].ingestion,
  });
  expect(data.ingestion.source.name).toBe('other.mp4');
});

test('more than the server takes at once comes in parts', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'clipql-outside-'));
  for (let i = 0; i < 600; i++) writeFileSync(join(outside, `${i}.mp4`), '');
  const metadata = JSON.stringify({ note: 'x'.repeat(4000) });
  const { code, stdout } = await clipql('ingest', outside, '--in-place', '--json', '--metadata', metadata);
  rmSync(outside, { recursive: true });
  expect(code).toBe(1);
  const told = lines(stdout);
  expect(told.at(-1)).toMatchObject({ total: 600, failed: 600 });
  expect(told[599].error.code).toBe('SOURCE_NOT_ALLOWED');
});

test.each([
  [['ingest', '/nowhere/at/all'], 'There is no /nowhere/at/all'],
  [['ingest'], 'missing required argument'],
  [['ingest', 'package.json', '--token', 'not-the-token-at-all'], 'admin token'],
  [['ingest', 'package.json', '--server', 'http://127.0.0.1:9'], 'Is the server running?'],
  [['ingest', 'package.json', 'README.md', '--title', 'x'], '--title is for one source'],
  [['ingest', 'package.json', '--metadata', '[]'], 'JSON object'],
  [['ingest', join(folder, 'cache')], 'There is no'],
] as const)('%j cannot work at all', async (args, says) => {
  const { code, stderr } = await clipql(...args);
  expect(stderr).toContain(says);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(2);
});

test('an upload that was killed goes on where it was', async () => {
  const large = join(folder, 'large.mp4');
  writeFileSync(large, Buffer.alloc(400e6, 'no video '));
  const before = new Set(await uploadsUnderWay());
  const { child, end } = start(['ingest', large]);
  const begun = async () => (await uploadsUnderWay()).find((id) => !before.has(id));
  let size = 0;
  while (size === 0) {
    const id = await begun();
    if (id) ({ size } = await stat(join(app.dataDir, 'uploads', id)));
  }
  child.kill('SIGKILL');
  await end;
  expect(await begun()).toBeDefined();
  expect(await clipql('ingest', large)).toMatchObject({ code: 1 }); // it is no video
  expect(await begun()).toBeUndefined(); // the one that was begun was finished, and no other
});

test('Ctrl-C leaves the server working', async () => {
  const path = makeClip(join(folder, 'long.mp4'), { seconds: 120, colour: 'orange' });
  const { child, end } = start(['ingest', path, '--in-place']);
  const running = 'query { ingestions(state: RUNNING) { edges { node { id source { name } } } } }';
  let id: string | undefined;
  while (!id && child.exitCode === null) id = (await app.ask(running)).data.ingestions.edges[0]?.node.id;
  child.kill('SIGINT');
  expect(await end).toMatchObject({ code: 130, stderr: expect.stringContaining('goes on at the server') });
  const again = await app.ingest({ path });
  let first = { state: 'RUNNING', duplicate: false };
  while (first.state === 'RUNNING') {
    const { data } = await app.ask('query ($id: ID!) { ingestion(id: $id) { state duplicate } }', { id });
    first = data.ingestion;
  }
  // Which of the two came to the bytes first is as it happens.
  expect([first.state, again.state]).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  expect(first.duplicate).toBe(!again.duplicate);
});

test('a search for several texts', async () => {
  const found = async (...options: string[]) => {
    const { stdout } = await clipql('search', 'a red square', '--json', ...options);
    return JSON.parse(stdout).map((edge: { node: { title: string } }) => edge.node.title);
  };
  const all = await found('--min-relevance', '0', '--first', '1000');
  expect(all.length).toBeGreaterThan(1);
  expect(await found('--not', 'something red')).toEqual([]);
  expect(await found('--then', 'a red square', '--within', '60')).toEqual([]);
  expect(await found('--all', 'something red')).toEqual(await found());
});

test('search and classify', async () => {
  const found = await clipql('search', 'a red square', '--min-relevance', '0', '--json');
  const [best] = JSON.parse(found.stdout);
  expect(best).toMatchObject({ relevance: expect.any(Number), node: { title: expect.any(String) } });
  const shown = await clipql('search', 'a red square', '--min-relevance', '0', '--first', '2');
  const lines = shown.stdout.trim().split('\n');
  expect(lines).toHaveLength(3);
  expect(lines[2]).toMatch(/^… and \d+ more: --first \d+$/);
  expect(shown.stdout).toContain(best.node.id);
  expect((await clipql('search', 'eating spaghetti', '--min-relevance', '1')).stdout).toContain(
    'Nothing relevant',
  );

  const labels = ['a red square', 'a blue circle'];
  const { stdout } = await clipql('classify', best.node.id, ...labels, '--json');
  const { data } = await app.ask(
    'query ($id: ID!, $labels: [String!]) { classifyVideo(id: $id, labels: $labels) { labels { label probability confidence logit score } } }',
    { id: best.node.id, labels },
  );
  expect(JSON.parse(stdout)).toEqual(data.classifyVideo.labels);
  const people = (await clipql('classify', best.node.id, ...labels)).stdout.trim().split('\n');
  expect(people).toHaveLength(3);
  expect(people[0]).toMatch(/^[█·]{30} +[\d.]+ % {2}by itself +[\d.]+ % {2}a red square$/);
  expect(people[2]).toMatch(/^none of these: [\d.]+ %$/);
  const unknown = await clipql('classify', '00000000-0000-4000-8000-000000000000', 'x');
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no video') });
});
