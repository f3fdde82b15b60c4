import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../start-app.ts';

const READ = 'read-token-of-this-test';
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-tokens-')));
const samples = resolve('samples');
let app: TestApp;
let circle: string;

beforeAll(async () => {
  app = await startApp({ MEDIA_DIRS: samples, READ_TOKEN: READ });
  circle = (await app.ingest({ path: `${samples}/a red circle moving left.mp4` })).video.id;
});
afterAll(async () => {
  await app?.remove();
  rmSync(folder, { recursive: true });
});

const clipql = (args: string[], environment: Record<string, string> = {}) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    const env = {
      ...{ PATH: process.env.PATH, HOME: folder, DATA_DIR: folder, CLIPQL_URL: app.url },
      ...environment,
    };
    execFile(process.execPath, ['dist/cli/main.js', ...args], { env }, (error, stdout, stderr) =>
      done({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
const search = ['search', 'a red circle moving left', '--json'];

test('reading takes the read token, or any way to the admin token', async () => {
  const ways: [string[], Record<string, string>][] = [
    [[], { READ_TOKEN: READ }],
    [['--token', READ], {}],
    [[], { ADMIN_TOKEN: app.token }],
    [[], { DATA_DIR: app.dataDir }],
    [[], { DATA_DIR: app.dataDir, READ_TOKEN: 'that-of-another-server' }],
  ];
  for (const [args, environment] of ways) {
    const found = await clipql([...search, ...args], environment);
    expect(found).toMatchObject({ code: 0, stdout: expect.stringContaining(circle) });
    const classified = await clipql(['classify', circle, 'a circle', 'a star', ...args], environment);
    expect(classified).toMatchObject({ code: 0, stdout: expect.stringContaining('a circle') });
  }
});

test('who has no token is told what to do', async () => {
  const { code, stderr } = await clipql(search);
  expect(code).toBe(1);
  expect(stderr).toMatch(/read token.*--token.*READ_TOKEN/);
});

test('with the read token alone nothing is changed', async () => {
  const { code, stderr } = await clipql(['ingest', `${samples}/a red circle moving left.mp4`], {
    READ_TOKEN: READ,
  });
  // What the server has is not sent again; what it has not, it refuses.
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('1 known already') });
  const other = await clipql(['ingest', '--in-place', `${samples}/a black triangle bouncing.mp4`], {
    READ_TOKEN: READ,
  });
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('admin token') });
});

test('the token that is kept here is not sent to other machines', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    seen.push(headers.authorization);
    response.end('{"errors":[{"message":"No.","extensions":{"code":"INTERNAL"}}]}');
  });
  await once(server.listen(0, '0.0.0.0'), 'listening');
  const { port } = server.address() as AddressInfo;
  // 0.0.0.0 leads here and is no name of this machine alone: it stands for another one.
  for (const host of ['127.0.0.1', '0.0.0.0'])
    await clipql([...search, '--server', `http://${host}:${port}`], { DATA_DIR: app.dataDir });
  await clipql([...search, '--server', `http://0.0.0.0:${port}`], {
    ...{ DATA_DIR: app.dataDir, READ_TOKEN: READ },
  });
  server.close();
  expect(seen).toEqual([`Bearer ${app.token}`, undefined, `Bearer ${READ}`]);
});
