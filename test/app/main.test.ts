import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { runServer } from '../run-server.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-main-')));
afterAll(() => rmSync(folder, { recursive: true }));

const settings = (name: string) => ({
  PORT: '0',
  DATA_DIR: join(folder, name),
  MEDIA_DIRS: folder,
  SAMPLES: 'off',
});

async function ask(url: string, query: string, token = '') {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: what GraphQL answers has the shape of the question
  return ((await response.json()) as { data: any }).data;
}

describe('start and stop', () => {
  const data = settings('data');
  let ingestion: string;
  beforeAll(() => makeClip(join(folder, 'long.mp4'), { seconds: 600, rate: 4 })); // 60 clips

  test('says what a newcomer needs', async () => {
    const server = runServer(data);
    const url = await server.ready;
    const output = server.output();
    expect(output).toContain(`${url}/graphql`);
    expect(output).toMatch(/Using the small bundled model/); // loudly: auto fell back
    expect(output).toContain('MODEL=microsoft/xclip-base-patch16-zero-shot npm start');
    expect(output).toContain(join(data.DATA_DIR, 'admin-token'));
    const { model } = await ask(url, '{ model { bundled notice } }');
    expect(model).toEqual({ bundled: true, notice: expect.stringContaining('MODEL=microsoft') });
    server.process.kill('SIGINT');
    expect(await server.ended).toBe(0);
  });

  test('behind a proxy it names the address that people use', async () => {
    const environment = {
      ...data,
      PUBLIC_URL: 'https://videos.example.com',
      READ_TOKEN: 'a-token-to-read-with',
    };
    const server = runServer(environment);
    expect(await server.ready).toBe('https://videos.example.com');
    const output = server.output();
    expect(output).toMatch(/Listening at http:\/\/127\.0\.0\.1:\d+$/m);
    expect(output).toMatch(/^In a browser https:\/\/videos\.example\.com$/m);
    expect(output).toContain('Bearer $READ_TOKEN');
    expect(output).not.toContain('a-token-to-read-with');
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });

  test('SIGTERM in the midst of an ingestion: exit code 0 within 10 s, twice is no harm', async () => {
    const server = runServer(data);
    const url = await server.ready;
    const token = readFileSync(join(data.DATA_DIR, 'admin-token'), 'utf8').trim();
    const mutation = `mutation { ingestVideo(input: { path: ${JSON.stringify(join(folder, 'long.mp4'))} }) { id } }`;
    ingestion = (await ask(url, mutation, token)).ingestVideo.id;
    let progress = 0;
    while (progress === 0) {
      const answer = await ask(url, `{ ingestion(id: "${ingestion}") { stage progress } }`);
      if (answer.ingestion.stage === 'embed') progress = answer.ingestion.progress;
    }
    expect(progress).toBeLessThan(1);
    const start = performance.now();
    server.process.kill('SIGTERM');
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  test('the next start goes on where it stopped', async () => {
    const server = runServer(data);
    const url = await server.ready;
    const query = `{ ingestion(id: "${ingestion}") { state progress attempts video { searchable clips { index } } } }`;
    let found = (await ask(url, query)).ingestion;
    expect(['QUEUED', 'RUNNING']).toContain(found.state);
    while (found.state !== 'SUCCEEDED') found = (await ask(url, query)).ingestion;
    expect(found).toMatchObject({ attempts: 1, video: { searchable: true } });
    expect(found.video.clips).toHaveLength(60);
    const second = runServer(data);
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(/in use by another ClipQL process.*DATA_DIR/);
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });

  test('SIGTERM during the start', async () => {
    const server = runServer(data);
    await new Promise((resolve) => server.process.stdout?.once('data', resolve));
    server.process.kill('SIGTERM');
    expect(await server.ended).toBe(0);
  });
});

describe('what cannot start says why, in a line, and ends with 1', () => {
  test('bad settings, all at once', async () => {
    const server = runServer({ ...settings('bad'), PORT: 'x', SAMPLES: 'x' });
    expect(await server.ended).toBe(1);
    expect(server.output().trim().split('\n')).toEqual([
      'Bad settings:',
      expect.stringMatching(/^ {2}PORT: must be /),
      expect.stringMatching(/^ {2}SAMPLES: must be /),
    ]);
  });

  test('a port in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const server = runServer({ ...settings('port'), PORT: `${port}` });
    expect(await server.ended).toBe(1);
    expect(server.output()).toContain(`Cannot listen on 127.0.0.1:${port}: the port is in use.`);
    other.close();
  });

  test.each([
    ['no such folder', { MODEL: '/no/such/folder' }, /no such folder/],
    ['no ffmpeg', { FFMPEG_PATH: '/no/ffmpeg' }, /Install ffmpeg/],
    ['no database', { DATABASE_URL: 'postgres://x:y@127.0.0.1:1/z' }, /database|PostgreSQL/i],
    ['no place to write', { DATA_DIR: '/dev/null/data' }, /DATA_DIR/],
  ])('%s', async (_, setting, message) => {
    const server = runServer({ ...settings('none'), HF_HUB_CACHE: join(folder, 'cache'), ...setting });
    expect(await server.ended).toBe(1);
    expect(server.output()).toMatch(message);
    expect(server.output()).not.toMatch(/^\s+at /m);
  });
});
