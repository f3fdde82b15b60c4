import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkYtdlp } from '#src/media/download/check-ytdlp.js';
import { download } from '#src/media/download/download.js';
import { fetchPage, PAGE_LIMITS } from '#src/media/download/fetch-page.js';
import { ytdlpError } from '#src/media/download/ytdlp-error.js';
import { testFolder } from '../grey-video.js';
import { httpServer } from './http-server.js';

const STAND_IN = fileURLToPath(new URL('./stand-in-yt-dlp.mjs', import.meta.url));

/** Fetches a page of a site of which the stand-in does what `behaviour` says. */
async function page(
  behaviour: string,
  {
    hosts = [] as string[],
    maxBytes = 1_000_000,
    limits = PAGE_LIMITS,
    signal = new AbortController().signal,
    report = (_share: number): void => {},
  } = {},
) {
  const folder = testFolder();
  const to = join(folder, 'file');
  const settings = { maxBytes, hosts, ytdlp: { path: STAND_IN, hosts: ['site.example'] } };
  const url = `https://www.site.example/${behaviour}`;
  const outcome = await fetchPage(settings, url, to, report, signal, limits).then(
    (downloaded) => ({ downloaded, error: null }),
    (error) => ({ downloaded: null, error }),
  );
  return { ...outcome, to, left: readdirSync(folder).sort() };
}

const isAlive = (pid: number): boolean => {
  try {
    // A killed process that nobody has waited for yet is as good as gone.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test('a page is fetched with its title, id, uploader and address; the next call has it already', async () => {
  const bytes = randomBytes(200_000);
  const server = await httpServer((_request, response) => response.end(bytes));
  for (const tunnel of ['', '&tunnel']) {
    const shares: number[] = [];
    const url = `fetch?at=${server.url}/${tunnel}`;
    const { downloaded, error, to, left } = await page(url, {
      hosts: [server.host],
      report: (share) => shares.push(share),
    });
    expect(error).toBeNull();
    expect(downloaded).toEqual({
      name: 'A - film.mp4',
      title: 'A / film',
      metadata: {
        ...{ site: 'StandIn', id: 'abc', uploader: 'Somebody' },
        url: `https://www.site.example/${url}`,
      },
    });
    expect(readFileSync(to).equals(bytes)).toBe(true);
    expect(left).toEqual(['file', 'file.json']);
    expect(shares).toEqual([0.5]);

    const settings = { maxBytes: 1e6, hosts: [], ytdlp: { path: '/nowhere', hosts: ['site.example'] } };
    const again = download(settings, `https://site.example/`, to, () => {}, new AbortController().signal);
    expect(await again).toEqual(downloaded);
  }
});

test('only listed sites are given to it, without credentials and fragment', async () => {
  const settings = { maxBytes: 1e6, hosts: ['*'], ytdlp: { path: STAND_IN, hosts: ['site.example'] } };
  const get = (url: string) =>
    download(settings, url, join(testFolder(), 'x'), () => {}, new AbortController().signal);
  const { title } = await get('https://user:secret@m.site.example/arguments?v=1#__youtubedl_smuggle=%7B%7D');
  expect(title).toBe('https://m.site.example/arguments?v=1');
  await expect(get('http://127.0.0.1/nothing?site.example')).rejects.toMatchObject({
    code: 'SOURCE_NOT_ALLOWED',
  });
});

test('it sees next to nothing of our environment, and runs in a folder of its own', async () => {
  const { downloaded } = await page('environment');
  expect(downloaded?.title).toBe('HOME LANG PATH TMPDIR');
  expect(downloaded?.metadata.uploader).toMatch(/\/file\.ytdlp$/);
});

test.each(['', '&tunnel'])('its proxy refuses what is inside%s', async (tunnel) => {
  const inside = await httpServer((_request, response) => response.end('secret'), '::');
  const spellings = [
    '127.0.0.1',
    'localhost',
    '0x7f.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '127.0.0.2',
  ];
  for (const host of spellings) {
    const { error, left } = await page(`fetch?at=http://${host}:${inside.port}/${tunnel}`);
    expect(error).toMatchObject({ code: 'SOURCE_NOT_ALLOWED' });
    expect(left).toEqual([]);
  }
  expect(inside.requests).toHaveLength(0);
});

test.each([
  ['talkative', 'MEDIA_LIMIT'],
  ['line', 'MEDIA_LIMIT'],
  ['complaining', 'MEDIA_LIMIT'],
  ['json', 'SOURCE_UNREACHABLE'],
  ['array', 'SOURCE_UNREACHABLE'],
  ['live', 'BAD_USER_INPUT'],
  ['list', 'BAD_USER_INPUT'],
  ['nothing', 'MEDIA_LIMIT'],
  ['mute', 'SOURCE_NOT_FOUND'],
  ['named', 'MEDIA_LIMIT'],
  ['link', 'MEDIA_LIMIT'],
  ['folder', 'MEDIA_LIMIT'],
  ['two', 'SOURCE_NOT_FOUND'],
  ['exit?at=2', 'SOURCE_UNREACHABLE'],
  ['kill', 'SOURCE_UNREACHABLE'],
  ['fail?at=Unsupported URL', 'BAD_USER_INPUT'],
])('%s: %s, and nothing is left', async (behaviour, code) => {
  const { error, left } = await page(behaviour, { maxBytes: 1e9 });
  expect(error).toMatchObject({ code });
  expect(error.message).not.toMatch(/\/|\.ts|ERROR/);
  expect(left).toEqual([]);
});

test('a file put elsewhere is not taken', async () => {
  const { error, left } = await page('elsewhere');
  expect(error).toMatchObject({ code: 'MEDIA_LIMIT' });
  expect(left).toEqual(['elsewhere.mp4']); // what the program may write is not ours to bound
});

test('a file that grows beyond the limit is seen while it does, and at the end', async () => {
  for (const behaviour of ['huge?at=on', 'huge']) {
    const { error, left } = await page(behaviour, {
      maxBytes: 2_000_000,
      limits: { ...PAGE_LIMITS, look: 50 },
    });
    expect(error).toMatchObject({ code: 'MEDIA_LIMIT' });
    expect(left).toEqual([]);
  }
});

test('what it says of the wrong type is left out, and made short', async () => {
  const { downloaded } = await page('types');
  expect(downloaded).toEqual({
    name: 'video.mp4',
    title: null,
    metadata: { site: 'StandIn', id: null, uploader: null, url: `a ${'b'.repeat(998)}` },
  });
});

test('silence and taking for ever end it', async () => {
  const silent = await page('silent', { limits: { ...PAGE_LIMITS, idle: 500, look: 50 } });
  expect(silent.error).toMatchObject({ code: 'SOURCE_UNREACHABLE' });
  const long = await page('silent', { limits: { ...PAGE_LIMITS, total: 500 } });
  expect(long.error).toMatchObject({ code: 'MEDIA_TIMEOUT' });
});

test('an abort kills it with all its children, at once', async () => {
  const reason = new Error('cancelled');
  const controller = new AbortController();
  const folder = testFolder();
  const pids = join(folder, 'pids');
  const script = join(folder, 'yt-dlp');
  writeFileSync(
    script,
    `#!/bin/sh\nsleep 1000 &\necho $$ $! > '${pids}'\necho 'clipql-progress 1 2'\nwait\n`,
  );
  chmodSync(script, 0o755);
  const settings = { maxBytes: 1e6, hosts: [], ytdlp: { path: script, hosts: ['site.example'] } };
  const fetched = download(
    settings,
    'https://site.example/',
    join(folder, 'file'),
    () => controller.abort(reason),
    controller.signal,
  );
  await expect(fetched).rejects.toBe(reason);
  const started = readFileSync(pids, 'utf8').trim().split(' ').map(Number);
  expect(started).toHaveLength(2);
  expect(started.filter(isAlive)).toEqual([]);
  expect(existsSync(join(folder, 'file.ytdlp'))).toBe(false);
});

test('what it leaves running ends with it', async () => {
  const { downloaded } = await page('orphan');
  const pid = Number(downloaded?.title);
  expect(pid).toBeGreaterThan(1);
  expect(isAlive(pid)).toBe(false);
});

test('a program that is missing, old or another is told at start', async () => {
  const folder = testFolder();
  const printing = (text: string) => {
    const path = join(folder, `${text}`);
    writeFileSync(path, `#!/bin/sh\necho '${text}'\n`);
    chmodSync(path, 0o755);
    return path;
  };
  await checkYtdlp(printing('2025.04.30'));
  await checkYtdlp(printing('2026.10.26.232825'));
  await expect(checkYtdlp(printing('2025.03.31'))).rejects.toThrow(/2025\.03\.31 is too old.*Install/);
  await expect(checkYtdlp(printing('2023.03.04'))).rejects.toThrow('too old');
  await expect(checkYtdlp(printing('youtube-dl'))).rejects.toThrow('does not name yt-dlp');
  await expect(checkYtdlp('/bin/false')).rejects.toThrow('does not name yt-dlp');
  await expect(checkYtdlp(join(folder, 'nothing'))).rejects.toThrow(/could not be run.*YTDLP_PATH/);
});

/** As yt-dlp 2026.10.26 words them. */
test.each([
  [
    '[youtube] x: Private video. Sign in if you’ve been granted access to this video',
    'SOURCE_NOT_ALLOWED',
    'private',
  ],
  [
    '[youtube] x: Sign in to confirm you’re not a bot. Use --cookies-from-browser',
    'SOURCE_NOT_ALLOWED',
    'robot',
  ],
  [
    '[youtube] x: Sign in to confirm your age. This video may be inappropriate',
    'SOURCE_NOT_ALLOWED',
    'logged in',
  ],
  [
    '[youtube] x: Video unavailable. This video has been removed by the uploader',
    'SOURCE_NOT_FOUND',
    'Check',
  ],
  [
    '[youtube] x: The uploader has not made this video available in your country',
    'SOURCE_NOT_ALLOWED',
    'country',
  ],
  ['[youtube] x: Join this channel to get access to members-only content', 'SOURCE_NOT_ALLOWED', 'members'],
  ['[youtube] x: This live event will begin in 3 hours.', 'BAD_USER_INPUT', 'live'],
  ['[youtube] x: Requested format is not available. Use --list-formats', 'BAD_USER_INPUT', 'no video'],
  [
    '[vimeo] 1: Unable to download webpage: HTTP Error 429: Too Many Requests',
    'SOURCE_UNREACHABLE',
    'too often',
  ],
  ['[vimeo] 1: Unable to download JSON metadata: HTTP Error 404: Not Found', 'SOURCE_NOT_FOUND', 'Check'],
  [
    '[generic] Unable to download webpage: [Errno -3] Temporary failure in name resolution',
    'SOURCE_UNREACHABLE',
    'later',
  ],
  ['[download] Got error: The read operation timed out', 'SOURCE_UNREACHABLE', 'later'],
  ['unable to write data: [Errno 28] No space left on device', 'DISK_FULL', 'space'],
  ['[x] This video is DRM protected', 'BAD_USER_INPUT', 'protected'],
  ['Unsupported URL: https://www.youtube.com/about', 'BAD_USER_INPUT', 'no video'],
  ['Traceback (most recent call last)', 'SOURCE_UNREACHABLE', 'newer yt-dlp'],
])('%s: %s', (words, code, says) => {
  const error = ytdlpError(`WARNING: private\nERROR: ${words}\n`);
  expect(error).toMatchObject({ code, message: expect.stringContaining(says) });
});
