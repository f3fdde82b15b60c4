#!/usr/bin/env node
// Behaves as yt-dlp does for what it is called with, and as the path of the URL says. Unknown options end it, as there.
import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';

const flags = [
  'ignore-config',
  'no-plugin-dirs',
  'no-cache-dir',
  'no-playlist',
  'lazy-playlist',
  'no-simulate',
];
flags.push(
  'quiet',
  'no-warnings',
  'no-mtime',
  'progress',
  'newline',
  'abort-on-unavailable-fragments',
  'version',
);
const values = [
  'proxy',
  'playlist-items',
  'format',
  'downloader',
  'ffmpeg-location',
  'max-filesize',
  'color',
];
values.push('socket-timeout', 'print', 'progress-template', 'output');
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' }])),
    ...Object.fromEntries(values.map((name) => [name, { type: 'string' }])),
  },
});
if (options.version) {
  console.log('2026.10.26');
  process.exit(0);
}
const url = new URL(positionals[0]);
const at = url.searchParams.get('at');
const file = options.output.replace('%(ext)s', 'mp4');
const prefix = options.print.slice('before_dl:'.length, options.print.indexOf('%('));
const fields = /%\(\.\{(.*)\}\)j/.exec(options.print)[1].split(',');

const VIDEO = {
  ...{
    id: 'abc',
    title: 'A / film\n',
    uploader: 'Somebody',
    extractor_key: 'StandIn',
    webpage_url: url.href,
  },
  ...{ live_status: 'not_live', ext: 'mp4', playlist: null, playlist_count: null, formats: [] },
};
const say = (video) =>
  console.log(
    prefix + JSON.stringify(Object.fromEntries(fields.map((field) => [field, video[field] ?? null]))),
  );
const fail = (message) => {
  console.error(`WARNING: something else\nERROR: ${message}`);
  process.exit(1);
};
const finish = (name = file) => {
  writeFileSync(`${name}.part`, 'bytes');
  renameSync(`${name}.part`, name);
};
const forEver = (stream, text) => {
  const more = () => stream.write(text, more);
  more();
};

/** Through the proxy, as yt-dlp goes: a plain request, or a tunnel. */
async function fetchThroughProxy(target, tunnel) {
  const proxy = new URL(options.proxy);
  const socket = connect(Number(proxy.port), proxy.hostname);
  const { host } = new URL(target);
  const get = (path) => `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
  socket.write(tunnel ? `CONNECT ${host} HTTP/1.1\r\n\r\n` : get(target));
  if (tunnel) {
    const answer = await new Promise((resolve) => socket.once('data', resolve));
    if (!answer.toString().startsWith('HTTP/1.1 200')) fail(`Tunnel connection failed: ${answer}`);
    socket.write(get('/'));
  }
  const chunks = [];
  for await (const chunk of socket) chunks.push(chunk);
  const answer = Buffer.concat(chunks);
  if (!/^HTTP\/1.1 2/.test(answer.toString('latin1'))) fail('Unable to download webpage: HTTP Error');
  return answer.subarray(answer.indexOf('\r\n\r\n') + 4);
}

const BEHAVIOURS = {
  async fetch() {
    const bytes = await fetchThroughProxy(at, url.searchParams.has('tunnel'));
    say(VIDEO);
    console.log(`clipql-progress ${bytes.length / 2} ${bytes.length}`);
    writeFileSync(file, bytes);
  },
  environment() {
    say({ ...VIDEO, title: Object.keys(process.env).sort().join(' '), uploader: process.cwd() });
    finish();
  },
  arguments() {
    say({ ...VIDEO, title: process.argv.at(-1) });
    finish();
  },
  silent: () => say(VIDEO) ?? setInterval(() => {}, 1000),
  talkative: () => forEver(process.stdout, `${'x'.repeat(1000)}\n`),
  line: () => forEver(process.stdout, 'x'.repeat(65_536)),
  complaining: () => forEver(process.stderr, 'ERROR: no\n'.repeat(1000)),
  json: () => console.log(`${prefix}{"id":`) ?? finish(),
  array: () => console.log(`${prefix}[]`) ?? finish(),
  types() {
    say({
      ...VIDEO,
      id: 7,
      title: ['x'],
      uploader: { a: 1 },
      ext: '../../x',
      webpage_url: `a\u0000${'b'.repeat(9999)}`,
    });
    finish();
  },
  live: () => say({ ...VIDEO, live_status: 'is_live' }) ?? setInterval(() => {}, 1000),
  list: () => say({ ...VIDEO, playlist: 'many', playlist_count: 12 }) ?? setInterval(() => {}, 1000),
  nothing: () => say(VIDEO),
  mute: () => finish(),
  elsewhere: () => say(VIDEO) ?? finish('../elsewhere.mp4'),
  named: () => say(VIDEO) ?? finish('film.mp4'),
  link: () => say(VIDEO) ?? symlinkSync('/etc/passwd', file),
  folder: () => say(VIDEO) ?? mkdirSync(file),
  two: () => say(VIDEO) ?? finish() ?? linkSync(file, 'video.webm'),
  huge() {
    say(VIDEO);
    finish();
    truncateSync(file, 3_000_000);
    if (at === 'on') setInterval(() => {}, 1000);
  },
  fail: () => fail(at),
  exit: () => process.exit(Number(at)),
  kill: () => process.kill(process.pid, 'SIGSEGV'),
  /** Leaves a process behind that holds its output open, and says who it is. */
  orphan() {
    const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
    say({ ...VIDEO, title: `${child.pid}` });
    finish();
    if (at === 'on') return setInterval(() => {}, 1000);
    process.exit(0);
  },
};
await BEHAVIOURS[url.pathname.slice(1)]();
