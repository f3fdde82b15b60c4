import type { LookupFunction } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { checkUrl, download } from '#src/media/download/download.js';
import { guardedAgent, guardedLookup } from '#src/media/download/guard.js';
import { testFolder } from '../grey-video.js';
import { httpServer } from './http-server.js';

const ANY = { maxBytes: 1e6, hosts: ['*'], ytdlp: null };

/** Spellings of this machine, with `PORT` where its server listens. */
const OURSELVES = [
  'http://127.0.0.1:PORT',
  'http://127.0.0.1.:PORT',
  'http://127.1:PORT',
  'http://127.0.1:PORT',
  'http://127.8.9.10:PORT',
  'http://2130706433:PORT',
  'http://0x7f000001:PORT',
  'http://0x7f.0x0.0x0.0x1:PORT',
  'http://0x7f.1:PORT',
  'http://017700000001:PORT',
  'http://0177.0.0.1:PORT',
  'http://0177.0.0.0x1:PORT',
  'http://00000177.0.0.1:PORT',
  'http://0:PORT',
  'http://0.0.0.0:PORT',
  'http://0x0:PORT',
  'http://[::]:PORT',
  'http://[::1]:PORT',
  'http://[0:0:0:0:0:0:0:1]:PORT',
  'http://[0000::0001]:PORT',
  'http://[::127.0.0.1]:PORT',
  'http://[::ffff:127.0.0.1]:PORT',
  'http://[::ffff:7f00:1]:PORT',
  'http://[::FFFF:7F00:0001]:PORT',
  'http://[0:0:0:0:0:ffff:127.0.0.1]:PORT',
  'http://[::ffff:0:127.0.0.1]:PORT',
  'http://[::ffff:0.0.0.0]:PORT',
  'http://[64:ff9b::127.0.0.1]:PORT',
  'http://[64:ff9b:1::7f00:1]:PORT',
  'http://[2002:7f00:1::]:PORT',
  'http://[2001:0:7f00:1::]:PORT',
  'http://localhost:PORT',
  'http://LOCALHOST:PORT',
  'http://localhost.:PORT',
  'http://ｌｏｃａｌｈｏｓｔ:PORT',
  'http://１２７.０.０.１:PORT',
  'http://①②⑦.⓪.⓪.①:PORT',
  'http://127。0。0。1:PORT',
  'http://127．0．0．1:PORT',
  'http://127｡0｡0｡1:PORT',
  'http://%31%32%37.0.0.1:PORT',
  'http://127%2e0%2e0%2e1:PORT',
  'http://12\t7.0.0.1:PORT',
  ' http://127.0.0.1:PORT',
  'HTTP://127.0.0.1:PORT',
  'http:127.0.0.1:PORT',
  'http:/127.0.0.1:PORT',
  'http:\\\\127.0.0.1:PORT',
  'http:///127.0.0.1:PORT',
  'http://user@127.0.0.1:PORT',
  'http://user:secret@127.0.0.1:PORT',
  'http://example.com@127.0.0.1:PORT',
  'http://example.com:80@127.0.0.1:PORT',
  'http://example.com%40127.0.0.1:PORT',
  'http://127.0.0.1:PORT#@example.com',
  'http://127.0.0.1:PORT?@example.com',
  'http://127.0.0.1:PORT\\@example.com',
  `http://${hostname()}:PORT`,
];

/** Addresses inside a network or a cloud, and those nobody has. */
const INSIDE = [
  ...['169.254.169.254', '169.254.1.1', '[fd00:ec2::254]', '[fe80::1]', '[::ffff:169.254.169.254]'],
  ...['0xa9fea9fe', '2852039166', '[64:ff9b::a9fe:a9fe]', '[2002:a9fe:a9fe::]', '100.100.100.200'],
  ...['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.255.255'],
  ...['100.64.0.1', '100.127.255.255', '0.1.2.3', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.19.255.255'],
  ...['198.51.100.1', '203.0.113.1', '192.88.99.1', '224.0.0.1', '239.255.255.255', '240.0.0.1'],
  ...['255.255.255.255', '[fc00::1]', '[fdff::1]', '[fec0::1]', '[ff02::1]', '[ff0e::1]', '[2001:db8::1]'],
  ...['[100::1]', '[2001::1]', '[5f00::1]', '[3fff::1]', '[4000::1]', '[::2]', '[::10.0.0.1]'],
].map((host) => `http://${host}/`);

const OTHER_SCHEMES = [
  ...[
    'file:///etc/passwd',
    'file://localhost/etc/passwd',
    'ftp://127.0.0.1:PORT/',
    'gopher://127.0.0.1:PORT/_x',
  ],
  ...[
    'data:video/mp4;base64,AAAA',
    'ws://127.0.0.1:PORT/',
    'dict://127.0.0.1:PORT/',
    'http+unix://%2Fvar%2Frun/x',
  ],
  ...[
    'javascript:1',
    'blob:http://127.0.0.1:PORT/x',
    '//127.0.0.1:PORT/',
    '127.0.0.1:PORT',
    '/etc/passwd',
    '',
  ],
];

const ALL = [...OURSELVES, ...INSIDE, ...OTHER_SCHEMES];

/** A refusal; a system may also not know a name at all. */
function isRefusal([url, code]: [string, string]): boolean {
  const refusals = ['SOURCE_NOT_ALLOWED', 'BAD_USER_INPUT'];
  return refusals.includes(code) || (code === 'SOURCE_UNREACHABLE' && /^http:..[a-z]/i.test(url));
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'FETCHED',
    (error) => error.code ?? String(error),
  );
}

test('no spelling of an address inside gets through', async () => {
  const inside = await httpServer((_request, response) => response.end('secret'), '::');
  const to = join(testFolder(), 'file');
  const outcomes: [string, string][] = [];
  for (const spelling of ALL) {
    const url = spelling.replace('PORT', `${inside.port}`);
    outcomes.push([url, await codeOf(download(ANY, url, to, () => {}, new AbortController().signal))]);
  }
  console.log(`${ALL.length} addresses tried, ${inside.requests.length} got through`);
  expect(inside.requests).toHaveLength(0);
  expect(outcomes.filter((outcome) => !isRefusal(outcome))).toEqual([]);
});

/** As a header can carry it. */
const inAscii = (url: string) => url.replace(/[^\t -~]+/g, encodeURIComponent);

test('nor as the target of a redirect, from a service that may be asked', async () => {
  const inside = await httpServer((_request, response) => response.end('secret'), '::');
  const targets = ALL.map((spelling) => spelling.replace('PORT', `${inside.port}`)).filter((url) =>
    /^\w+:/.test(url),
  );
  const outside = await httpServer((incoming, response) => {
    const [, status, index] = /^\/(\d+)\/(\d+)$/.exec(incoming.url ?? '') ?? [];
    if (status === undefined) return response.writeHead(400).end(); // "http:x" is relative to a page of http
    response.writeHead(Number(status), { location: inAscii(targets[Number(index)] as string) }).end();
  });
  const settings = { ...ANY, hosts: ['*', outside.host] };
  const to = join(testFolder(), 'file');
  const outcomes: [string, string][] = [];
  for (const [index, target] of targets.entries()) {
    const status = [301, 302, 303, 307, 308][index % 5];
    const url = `${outside.url}/${status}/${index}`;
    outcomes.push([
      target,
      await codeOf(download(settings, url, to, () => {}, new AbortController().signal)),
    ]);
  }
  console.log(`${targets.length} redirects tried, ${inside.requests.length} got through`);
  expect(inside.requests).toHaveLength(0);
  expect(outcomes.filter((outcome) => !isRefusal(outcome))).toEqual([]);
});

/** A resolver of the test's own: each answer in turn, the last for ever. */
function resolver(...answers: string[][]): LookupFunction & { asked: number } {
  const lookup: LookupFunction = (_name, _options, callback) => {
    const answer = answers[Math.min(own.asked++, answers.length - 1)] as string[];
    callback(
      null,
      answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  const own = Object.assign(lookup, { asked: 0 });
  return own;
}

test.each([
  [['127.0.0.1']],
  [['::1']],
  [['::ffff:127.0.0.1']],
  [['10.0.0.1', '127.0.0.1']],
  [['169.254.169.254']],
  [['64:ff9b::7f00:1']],
  [['0.0.0.0']],
  [['fe80::1%lo']],
])('nor a name that resolves to %j', async (addresses) => {
  const inside = await httpServer((_request, response) => response.end('secret'), '::');
  const agent = guardedAgent(['*'], resolver(addresses));
  const fetched = request(`http://innocent.example:${inside.port}/`, { dispatcher: agent });
  expect(await codeOf(fetched)).toBe('SOURCE_NOT_ALLOWED');
  expect(inside.requests).toHaveLength(0);
  await agent.destroy();
});

test('a name is connected to where it was checked, whatever it resolves to a moment later', async () => {
  const lookup = resolver(['93.184.216.34', '127.0.0.1'], ['127.0.0.1']);
  const connectTo = await new Promise((resolve, reject) => {
    guardedLookup(
      ['*'],
      'rebinding.example',
      80,
      lookup,
    )('rebinding.example', { all: true }, (error, found) => (error ? reject(error) : resolve(found)));
  });
  expect(connectTo).toEqual([{ address: '93.184.216.34', family: 4 }]);
  expect(lookup.asked).toBe(1);
});

test('a service named with its port may be private, at that port and by that name alone', async () => {
  const service = await httpServer((_request, response) => response.end('bytes'));
  const other = await httpServer((_request, response) => response.end('secret'));
  const settings = { ...ANY, hosts: [service.host] };
  const get = (url: string) =>
    codeOf(download(settings, url, join(testFolder(), 'file'), () => {}, new AbortController().signal));
  expect(await get(service.url)).toBe('FETCHED');
  expect(await get(`http://0x7f.1:${service.port}/`)).toBe('FETCHED'); // the same address, spelled otherwise
  expect(await get(other.url)).toBe('SOURCE_NOT_ALLOWED');
  expect(await get(`http://127.0.0.2:${service.port}/`)).toBe('SOURCE_NOT_ALLOWED');
  expect(await get(`http://localhost:${service.port}/`)).toBe('SOURCE_NOT_ALLOWED');
  expect(await get('http://8.8.8.8/')).toBe('SOURCE_NOT_ALLOWED'); // not in the list
  expect(other.requests).toHaveLength(0);
});

test('a name without a port is public at any port, with its subdomains, or nothing', async () => {
  const settings = { ...ANY, hosts: ['Example.com', 'localhost', 'bücher.example'] };
  const allowed = (url: string) => {
    try {
      return checkUrl(settings, url);
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect(allowed('https://user:pw@cdn.example.com:8443/a.mp4?token=1#t=2')).toBe(
    'https://cdn.example.com:8443/a.mp4',
  );
  expect(allowed('http://EXAMPLE.com./')).toBe('http://example.com./');
  expect(allowed('http://xn--bcher-kva.example/')).toBe('http://xn--bcher-kva.example/');
  expect(allowed('http://notexample.com/')).toBe('SOURCE_NOT_ALLOWED');
  expect(allowed('http://example.com.evil.example/')).toBe('SOURCE_NOT_ALLOWED');
  expect(allowed(`http://example.com/${'a'.repeat(9000)}`)).toBe('BAD_USER_INPUT');

  const inside = await httpServer((_request, response) => response.end('secret'));
  const url = `http://localhost:${inside.port}/`;
  const fetched = download(settings, url, join(testFolder(), 'file'), () => {}, new AbortController().signal);
  await expect(fetched).rejects.toThrow(`URL_HOSTS (localhost:${inside.port})`);
  expect(inside.requests).toHaveLength(0);
});
