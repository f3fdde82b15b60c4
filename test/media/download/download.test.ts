import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { download } from '#src/media/download/download.js';
import { fetchFile, LIMITS } from '#src/media/download/fetch-file.js';
import { testFolder } from '../grey-video.js';
import { httpServer, sendFile, type TestServer } from './http-server.js';

const BYTES = randomBytes(3_000_000);
const NOW = 'Sun, 22 Nov 2026 12:00:00 GMT';
const QUICK = { ...LIMITS, pause: 1 };

/** Fetches `path` of a server that answers with `handler`, into `to`. */
async function fetching(
  handler: RequestListener,
  {
    path = '/a.mp4',
    to = join(testFolder(), 'file'),
    maxBytes = 1e9,
    limits = QUICK,
    signal = new AbortController().signal,
    report = () => {},
  }: {
    path?: string;
    to?: string;
    maxBytes?: number;
    limits?: typeof LIMITS;
    signal?: AbortSignal;
    report?: (share: number) => void;
  } = {},
) {
  const server = await httpServer(handler);
  const settings = { maxBytes, hosts: [server.host], ytdlp: null };
  const fetched = fetchFile(settings, server.url + path, to, report, signal, limits);
  return { server, settings, to, fetched };
}

const ranges = (server: TestServer) => server.requests.map(({ headers }) => headers.range ?? null);

test('a file comes whole, with its name and its progress', async () => {
  const shares: number[] = [];
  const { server, to, fetched } = await fetching((request, response) => sendFile(request, response, BYTES), {
    path: '/some/My%20holiday%20%E2%9C%88.mp4?token=1#t=3',
    report: (share) => shares.push(share),
  });
  expect(await fetched).toEqual({ name: 'My holiday ✈.mp4', title: null, metadata: {} });
  expect(readFileSync(to).equals(BYTES)).toBe(true);
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  expect(server.requests[0]?.url).toBe('/some/My%20holiday%20%E2%9C%88.mp4?token=1');
  expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
});

test.each([
  ['attachment; filename="clip one.mov"', 'clip one.mov'],
  [`attachment; filename="x.mov"; filename*=UTF-8''%e2%82%ac.mov`, '€.mov'],
  ['attachment; filename="../../etc/passwd"', 'passwd'],
  ['attachment; filename=', 'a.mp4'],
  ['nonsense;;;===', 'a.mp4'],
  ['inline', 'a.mp4'],
])('a file given as %s is called %s', async (disposition, name) => {
  const { fetched } = await fetching((_request, response) =>
    response.setHeader('content-disposition', disposition).end(BYTES),
  );
  expect((await fetched).name).toBe(name);
});

test('credentials go to their own origin alone', async () => {
  const elsewhere = await httpServer((request, response) => sendFile(request, response, BYTES));
  const home = await httpServer((request, response) =>
    request.url === '/a'
      ? response.writeHead(302, { location: '/b' }).end()
      : response.writeHead(307, { location: `${elsewhere.url}/c` }).end(),
  );
  const settings = { maxBytes: 1e9, hosts: [home.host, elsewhere.host], ytdlp: null };
  const to = join(testFolder(), 'file');
  const url = `http://us%40er:pass%3Aword@${home.host}/a`;
  expect((await download(settings, url, to, () => {}, new AbortController().signal)).name).toBe('c');
  const basic = `Basic ${Buffer.from('us@er:pass:word').toString('base64')}`;
  expect(home.requests.map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
  expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test('a connection that breaks is continued where it broke', async () => {
  const { server, to, fetched } = await fetching((request, response) =>
    sendFile(request, response, BYTES, { cutAfter: 1_000_000 }),
  );
  await fetched;
  expect(readFileSync(to).equals(BYTES)).toBe(true);
  // What is on the way when it breaks may be lost.
  const starts = ranges(server)
    .slice(1)
    .map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1]));
  expect(starts.length).toBeGreaterThanOrEqual(2);
  expect(starts.every((start, index) => start > (starts[index - 1] ?? 0))).toBe(true);
  expect(server.requests[1]?.headers['if-range']).toBe('"one"');
});

test('a connection that breaks again and again is given up, and the next attempt goes on', async () => {
  const to = join(testFolder(), 'file');
  const handler: RequestListener = (request, response) =>
    sendFile(request, response, BYTES, { cutAfter: 300_000 });
  const { server, settings, fetched } = await fetching(handler, { to });
  await expect(fetched).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', retryable: true });
  expect(server.requests).toHaveLength(1 + LIMITS.continuations);
  const { size } = statSync(to);
  expect(size).toBeGreaterThan(0);
  const patient = { ...QUICK, continuations: 100 };
  await fetchFile(settings, `${server.url}/a.mp4`, to, () => {}, new AbortController().signal, patient);
  expect(readFileSync(to).equals(BYTES)).toBe(true);
  expect(ranges(server)[1 + LIMITS.continuations]).toBe(`bytes=${size}-`);
});

test('another file under the same link, or a server without ranges, begins again', async () => {
  let answers = 0;
  const other = randomBytes(2_000_000);
  const changed = await fetching((request, response) =>
    answers++ === 0
      ? sendFile(request, response, BYTES, { cutAfter: 2_500_000 })
      : sendFile(request, response, other, { etag: '"two"' }),
  );
  await changed.fetched;
  expect(readFileSync(changed.to).equals(other)).toBe(true);

  const without = await fetching((request, response) => {
    if (request.headers.range === undefined) sendFile(request, response, BYTES, { cutAfter: 2_500_000 });
    else response.writeHead(200, { etag: '"one"' }).end(other);
  });
  await without.fetched;
  expect(readFileSync(without.to).equals(other)).toBe(true);
});

test.each([
  ['no tag', {}],
  ['a weak tag', { etag: 'W/"one"' }],
  ['a change just now', { 'last-modified': NOW, date: NOW }],
])('with %s nothing is appended', async (_what, headers) => {
  let answers = 0;
  const { server, to, fetched } = await fetching((_request, response) => {
    response.writeHead(200, { ...headers, 'content-length': BYTES.length });
    if (answers++ === 0) response.write(BYTES.subarray(0, 1_000_000), () => response.socket?.destroySoon());
    else response.end(BYTES);
  });
  await fetched;
  expect(readFileSync(to).equals(BYTES)).toBe(true);
  expect(ranges(server)).toEqual([null, null]);
});

test.each([
  ['from another byte', (start: number) => `bytes ${start - 1}-2999999/3000000`],
  ['of another size', (start: number) => `bytes ${start}-2999999/3000001`],
  ['that does not say which', () => 'bytes */3000000'],
])('a part %s is not appended', async (_what, contentRange) => {
  let answers = 0;
  const { to, fetched } = await fetching((request, response) => {
    const start = Number(/\d+/.exec(request.headers.range ?? ''));
    if (answers++ === 0) sendFile(request, response, BYTES, { cutAfter: 1_000_000 });
    else if (start === 0) sendFile(request, response, BYTES);
    else response.writeHead(206, { etag: '"one"', 'content-range': contentRange(start) }).end(BYTES);
  });
  await fetched;
  expect(readFileSync(to).equals(BYTES)).toBe(true);
});

test('what is there whole is not asked for again; broken notes are', async () => {
  const { server, settings, to, fetched } = await fetching((request, response) =>
    sendFile(request, response, BYTES),
  );
  const first = await fetched;
  const again = () => download(settings, `${server.url}/a.mp4`, to, () => {}, new AbortController().signal);
  expect(await again()).toEqual(first);
  expect(server.requests).toHaveLength(1);
  writeFileSync(`${to}.json`, '{"downl');
  expect(await again()).toEqual(first);
  expect(ranges(server)).toEqual([null, null]);
  expect(readFileSync(to).equals(BYTES)).toBe(true);
});

test('a file that is too large is refused at once, or where it exceeds what it said', async () => {
  const said = await fetching(
    (_request, response) => {
      response.writeHead(200, { 'content-length': 1_000_001 });
      response.write('x');
    },
    { maxBytes: 1_000_000 },
  );
  await expect(said.fetched).rejects.toMatchObject({ code: 'MEDIA_LIMIT' });
  expect(existsSync(said.to)).toBe(false);

  const endless = await fetching(
    (_request, response) => {
      const more = () => {
        if (!response.destroyed) response.write(randomBytes(100_000), () => setImmediate(more));
      };
      more();
    },
    { maxBytes: 1_000_000 },
  );
  await expect(endless.fetched).rejects.toMatchObject({ code: 'MEDIA_LIMIT' });
  expect(statSync(endless.to).size).toBeLessThanOrEqual(1_000_000);
});

test('what the disk has no room for is refused', async () => {
  const { fetched } = await fetching(
    (_request, response) => response.writeHead(200, { 'content-length': 1e17 }).flushHeaders(),
    { maxBytes: 1e18 },
  );
  await expect(fetched).rejects.toMatchObject({ code: 'DISK_FULL' });
});

test('a packed answer is refused, not unpacked', async () => {
  const { to, fetched } = await fetching((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10_000_000))),
  );
  await expect(fetched).rejects.toMatchObject({ code: 'NOT_A_VIDEO' });
  expect(existsSync(to)).toBe(false);
});

test('a server that falls silent, or dawdles, is left; so is one that takes for ever', async () => {
  const silent = await fetching((_request, response) => response.write(BYTES), {
    limits: { ...QUICK, idle: 200, continuations: 0 },
  });
  await expect(silent.fetched).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });

  const dripping: RequestListener = (_request, response) => {
    const drip = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(drip));
  };
  const slow = await fetching(dripping, { limits: { ...QUICK, idle: 300, continuations: 0 } });
  await expect(slow.fetched).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });

  const long = await fetching(dripping, { limits: { ...QUICK, total: 300 } });
  await expect(long.fetched).rejects.toMatchObject({ code: 'MEDIA_TIMEOUT', retryable: true });
});

test('an abort ends it at once, and what came stays', async () => {
  const controller = new AbortController();
  const reason = new Error('cancelled');
  const { to, fetched } = await fetching(
    (_request, response) => void response.writeHead(200, { 'content-length': 1e9 }).write(BYTES),
    { signal: controller.signal, report: () => controller.abort(reason) },
  );
  await expect(fetched).rejects.toBe(reason);
  expect(statSync(to).size).toBeGreaterThan(0);
});

test.each([
  [400, 'BAD_USER_INPUT'],
  [204, 'BAD_USER_INPUT'],
  [401, 'SOURCE_NOT_ALLOWED'],
  [403, 'SOURCE_NOT_ALLOWED'],
  [404, 'SOURCE_NOT_FOUND'],
  [410, 'SOURCE_NOT_FOUND'],
  [416, 'BAD_USER_INPUT'],
  [429, 'SOURCE_UNREACHABLE'],
  [500, 'SOURCE_UNREACHABLE'],
  [503, 'SOURCE_UNREACHABLE'],
])('HTTP %i is %s', async (status, code) => {
  const { server, to, fetched } = await fetching((_request, response) => response.writeHead(status).end());
  await expect(fetched).rejects.toMatchObject({ code });
  expect(server.requests).toHaveLength(1);
  expect(existsSync(to)).toBe(false);
});

test('redirects without an end, or to nowhere', async () => {
  const loop = await fetching((_request, response) => response.writeHead(302, { location: '/a.mp4' }).end());
  await expect(loop.fetched).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  expect(loop.server.requests).toHaveLength(11);
  const nowhere = await fetching((_request, response) =>
    response.writeHead(302, { location: 'http://' }).end(),
  );
  await expect(nowhere.fetched).rejects.toMatchObject({ code: 'SOURCE_NOT_ALLOWED' });
});

test('a server that is not there, or speaks something else', async () => {
  const gone = await fetching((request) => request.socket.destroy());
  await expect(gone.fetched).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  const other = await fetching((request) => request.socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  await expect(other.fetched).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  await expect(
    download(
      other.settings,
      `https://${other.server.host}/`,
      other.to,
      () => {},
      new AbortController().signal,
    ),
  ).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  const settings = { maxBytes: 1, hosts: ['127.0.0.1:1'], ytdlp: null };
  const refused = download(
    settings,
    'http://127.0.0.1:1/',
    join(testFolder(), 'x'),
    () => {},
    new AbortController().signal,
  );
  await expect(refused).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
});

test.each([
  ['<!DOCTYPE html><title>Sign in', 'web page'],
  ['\ufeff\n<!-- a --> <!-- b -->\n<HTML lang="en">', 'web page'],
  ['<?xml version="1.0"?><html xmlns="x">', 'web page'],
  ['#EXTM3U\n#EXTINF:10\nfile:///etc/passwd', 'playlist'],
])('%j is said to be a %s', async (body, what) => {
  const { fetched } = await fetching((_request, response) => response.end(body));
  await expect(fetched).rejects.toMatchObject({
    code: 'NOT_A_VIDEO',
    message: expect.stringContaining(what),
  });
});

test('comments without an end take no time', async () => {
  const { fetched } = await fetching((_request, response) =>
    response.end('<!-->'.repeat(200) + '<!---->'.repeat(30_000)),
  );
  await fetched;
});
