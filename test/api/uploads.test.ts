import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'clipql-send-'));
let clip: string;
let app: TestApp;

beforeAll(async () => {
  app = await startApp();
  clip = makeClip(join(folder, 'clip.mp4'));
});
afterAll(async () => {
  await app?.remove();
  rmSync(folder, { recursive: true });
});

const headers = (more: Record<string, string> = {}) => ({
  'tus-resumable': '1.0.0',
  authorization: `Bearer ${app.token}`,
  ...more,
});

const create = (more: Record<string, string>, body?: BodyInit) =>
  fetch(`${app.url}/uploads`, { method: 'POST', headers: headers(more), ...(body && { body }) });

const octets = { 'content-type': 'application/offset+octet-stream' };
const idOf = (response: Response) => response.headers.get('location')?.split('/').at(-1) as string;
const named = (name: string) => ({ 'upload-metadata': `filename ${Buffer.from(name).toString('base64')}` });

test('one curl uploads, and the end of the Location is what ingestVideo takes', async () => {
  const { stdout: answer } = await promisify(execFile)('curl', [
    ...[
      '-si',
      `${app.url}/uploads`,
      '-H',
      `Authorization: Bearer ${app.token}`,
      '-H',
      'Tus-Resumable: 1.0.0',
    ],
    ...[
      '-H',
      `Upload-Length: ${readFileSync(clip).length}`,
      '-H',
      'Content-Type: application/offset+octet-stream',
    ],
    ...['-H', `Upload-Metadata: filename ${Buffer.from('My clip.mp4').toString('base64')}`],
    ...['--data-binary', `@${clip}`],
  ]);
  expect(answer).toMatch(/^HTTP\/1.1 201/);
  const uploadId = /^location: .*\/uploads\/(\S+)/im.exec(answer)?.[1] as string;
  const ingestion = await app.ingest({ uploadId });
  expect(ingestion).toMatchObject({
    ...{ state: 'SUCCEEDED', duplicate: false, source: { kind: 'UPLOAD', name: 'My clip.mp4' } },
    video: { title: 'My clip', searchable: true },
  });
  const media = await fetch(`${app.url}/videos/${ingestion.video.id}/media`);
  expect(Buffer.from(await media.arrayBuffer()).equals(readFileSync(clip))).toBe(true);
});

test('a tus client sends it in pieces, interrupted and resumed', async () => {
  const bytes = readFileSync(makeClip(join(folder, 'resumed.mp4'), { colour: 'green' }));
  const send = (upload: Upload) =>
    new Promise<void>((resolve, reject) => {
      upload.options.onSuccess = () => resolve();
      upload.options.onError = reject;
      upload.options.onChunkComplete = (_size, accepted) => {
        if (accepted < bytes.length && upload.options.uploadUrl == null) upload.abort().then(() => resolve());
      };
      upload.start();
    });
  const options = {
    endpoint: `${app.url}/uploads`,
    headers: { Authorization: `Bearer ${app.token}` },
    metadata: { filename: 'resumed.mp4' },
    chunkSize: Math.ceil(bytes.length / 3),
  };
  const first = new Upload(bytes, options);
  await send(first);
  const uploadId = first.url?.split('/').at(-1) as string;
  const ingest = 'mutation ($input: IngestVideoInput!) { ingestVideo(input: $input) { id } }';
  const early = await app.ask(ingest, { input: { uploadId } });
  expect(early.errors?.[0]?.extensions.code).toBe('UPLOAD_INCOMPLETE');
  await send(new Upload(bytes, { ...options, uploadUrl: first.url }));
  expect(await app.ingest({ uploadId })).toMatchObject({ state: 'SUCCEEDED', video: { title: 'resumed' } });
});

test('a finished upload still says that it is finished', async () => {
  const response = await create({ ...octets, 'upload-length': '3' }, 'abc');
  const head = await fetch(`${app.url}/uploads/${idOf(response)}`, { method: 'HEAD', headers: headers() });
  expect([head.status, head.headers.get('upload-offset'), head.headers.get('upload-length')]).toEqual([
    200,
    '3',
    '3',
  ]);
});

test('what is no video fails and leaves nothing behind', async () => {
  const response = await create({ ...octets, 'upload-length': '9', ...named('film.mp4') }, 'not video');
  const ingestion = await app.ingest({ uploadId: idOf(response) });
  expect(ingestion).toMatchObject({
    ...{ state: 'FAILED', error: { code: 'NOT_A_VIDEO', retryable: false }, video: null },
  });
  expect(JSON.stringify(ingestion)).not.toContain(app.dataDir);
  const left = () => readdirSync(join(app.dataDir, 'uploads'), { recursive: true, encoding: 'utf8' });
  // Files go after the row says so: what a crash leaves between the two is swept at the next start.
  await expect.poll(() => left().filter((name) => name.includes(idOf(response)))).toEqual([]);
});

describe('file names', () => {
  test.each([
    ['../../etc/passwd', 'passwd'],
    ['a\u0000b\n.mp4', 'ab.mp4'],
    ['..', '..'],
    ['', 'upload'],
    [`${'x'.repeat(300)}.mp4`, 'x'.repeat(255)],
    ['Übung 映画.mp4', 'Übung 映画.mp4'],
  ])('%j is kept as %j', async (given, kept) => {
    const response = await create({ ...octets, 'upload-length': '1', ...named(given) }, 'x');
    expect(response.status).toBe(201);
    const { source, error } = await app.ingest({ uploadId: idOf(response) });
    expect([source.name, error.code]).toEqual([kept, 'NOT_A_VIDEO']);
  });
});

describe('refusals', () => {
  test.each(['POST', 'PATCH', 'HEAD', 'DELETE', 'GET'])('%s without the token', async (method) => {
    for (const authorization of ['', 'Bearer wrong']) {
      const response = await fetch(`${app.url}/uploads/${'0'.repeat(32)}`, {
        method,
        headers: { 'tus-resumable': '1.0.0', authorization },
      });
      expect(response.status).toBe(401);
      if (method !== 'HEAD') expect((await response.json()) as object).toHaveProperty('errors');
    }
  });

  test('GET does not end the process', async () => {
    const made = await create({ ...octets, 'upload-length': '10' }, 'part');
    const finished = await create({ ...octets, 'upload-length': '4' }, 'done');
    for (const id of [idOf(made), idOf(finished), '']) {
      const response = await fetch(`${app.url}/uploads/${id}`, { headers: headers() });
      expect([response.status, response.headers.get('allow')]).toEqual([
        405,
        expect.stringContaining('POST'),
      ]);
    }
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
  });

  test('a length over the limit', async () => {
    expect((await create({ 'upload-length': `${60 * 1024 ** 3}` })).status).toBe(413);
  });

  test('an id that leads elsewhere', async () => {
    writeFileSync(join(app.dataDir, 'secret'), 'secret');
    for (const id of ['..%2fsecret', '%2e%2e%2fadmin-token', 'finished']) {
      for (const method of ['HEAD', 'DELETE']) {
        const response = await fetch(`${app.url}/uploads/${id}`, { method, headers: headers() });
        expect(response.status).toBeGreaterThanOrEqual(400);
      }
    }
    expect(existsSync(join(app.dataDir, 'secret'))).toBe(true);
    expect(existsSync(join(app.dataDir, 'admin-token'))).toBe(true);
  });

  test('no other site may send', async () => {
    const response = await fetch(`${app.url}/uploads`, {
      method: 'OPTIONS',
      headers: headers({ origin: 'https://example.com' }),
    });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});
