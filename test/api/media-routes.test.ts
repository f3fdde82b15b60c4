import { mkdtempSync, readFileSync, realpathSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-play-')));
let app: TestApp;
let bytes: Buffer;
let id: string;

beforeAll(async () => {
  app = await startApp({ MEDIA_DIRS: folder });
  const clip = makeClip(join(folder, 'clip.mp4'), { seconds: 25, rate: 4 });
  bytes = readFileSync(clip);
  id = (await app.ingest({ path: clip })).video.id;
});
afterAll(async () => {
  await app?.remove();
  rmSync(folder, { recursive: true });
});

const get = (path: string, init: RequestInit = {}) => fetch(`${app.url}/videos/${path}`, init);
const body = async (response: Response) => Buffer.from(await response.arrayBuffer());
const code = async (response: Response) => {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
  return [response.status, errors[0]?.extensions.code];
};

describe('media', () => {
  test('plays whole', async () => {
    const response = await get(`${id}/media`);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-disposition': 'inline',
      'x-content-type-options': 'nosniff',
      'accept-ranges': 'bytes',
      'content-length': `${bytes.length}`,
    });
    expect((await body(response)).equals(bytes)).toBe(true);
  });

  test('HEAD says what GET would', async () => {
    const response = await get(`${id}/media`, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-length')]).toEqual([200, `${bytes.length}`]);
  });

  test.each([
    ['bytes=0-99', 0, 99],
    ['bytes=100-', 100, undefined],
    ['bytes=-50', -50, undefined],
  ])('%s', async (range, start, end) => {
    const response = await get(`${id}/media`, { headers: { range } });
    expect(response.status).toBe(206);
    const expected = bytes.subarray(start, end === undefined ? undefined : end + 1);
    expect((await body(response)).equals(expected)).toBe(true);
  });

  test('a range past the end is 416', async () => {
    const response = await get(`${id}/media`, { headers: { range: `bytes=${bytes.length}-` } });
    expect([response.status, response.headers.get('content-range')]).toEqual([
      416,
      `bytes */${bytes.length}`,
    ]);
  });

  test('is not sent again when it is known', async () => {
    const etag = (await get(`${id}/media`, { method: 'HEAD' })).headers.get('etag') as string;
    // fetch would ask with `no-cache` otherwise
    const headers = { 'if-none-match': etag, 'cache-control': 'max-age=0' };
    expect((await get(`${id}/media`, { headers })).status).toBe(304);
  });
});

describe('pictures', () => {
  test('the poster', async () => {
    const response = await get(`${id}/poster.webp`);
    expect(response.headers.get('content-type')).toBe('image/webp');
    const { format, width, height } = await sharp(await body(response)).metadata();
    expect([format, width, height]).toEqual(['webp', 160, 120]);
  });

  test('the contact sheet, of all and of one clip', async () => {
    for (const query of ['', '?clip=0', '?clip=2']) {
      const response = await get(`${id}/sheet.webp${query}`);
      expect([query, response.status, response.headers.get('content-type')]).toEqual([
        query,
        200,
        'image/webp',
      ]);
      expect((await sharp(await body(response)).metadata()).format).toBe('webp');
    }
  });

  test('of no such clip', async () => {
    expect(await code(await get(`${id}/sheet.webp?clip=3`))).toEqual([404, 'NOT_FOUND']);
    for (const clip of ['x', '-1', '1.5', '', '0&clip=1', '../poster']) {
      expect(await code(await get(`${id}/sheet.webp?clip=${clip}`))).toEqual([400, 'BAD_USER_INPUT']);
    }
  });
});

test('of no such video', async () => {
  for (const unknown of ['00000000-0000-4000-8000-000000000000', 'malformed', '..%2f..%2fadmin-token']) {
    for (const what of ['media', 'poster.webp', 'sheet.webp']) {
      expect(await code(await get(`${unknown}/${what}`))).toEqual([404, 'NOT_FOUND']);
    }
  }
});

test('a file that was changed since is gone, and the rest stays', async () => {
  utimesSync(join(folder, 'clip.mp4'), new Date(), new Date(2020, 1, 1));
  expect(await code(await get(`${id}/media`))).toEqual([410, 'SOURCE_GONE']);
  const { data } = await app.ask('query ($id: ID!) { video(id: $id) { mediaUrl posterUrl searchable } }', {
    id,
  });
  expect(data.video).toEqual({ mediaUrl: null, posterUrl: `/videos/${id}/poster.webp`, searchable: true });
  expect((await get(`${id}/poster.webp`)).status).toBe(200);
});
