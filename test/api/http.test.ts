import { request } from 'node:http';
import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp, type TestApp } from '../start-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.remove());

const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });

describe('GraphQL over HTTP', () => {
  const audits = serverAudits({ url: () => `${app.url}/graphql`, fetchFn: fetch });
  const must = audits.filter(({ name }) => name.startsWith('MUST'));

  test('has audits', () => expect(must.length).toBeGreaterThan(10));

  for (const audit of must) {
    test(audit.name, async () => {
      const result = await audit.fn();
      expect(result.status === 'ok' ? 'ok' : result.reason).toBe('ok');
    });
  }
});

describe('every failure on /graphql is JSON with a code', () => {
  const cases: [string, () => Promise<Response>, number, string][] = [
    ['malformed JSON', () => post('{"query":'), 400, 'BAD_USER_INPUT'],
    ['a body over the limit', () => post(`{"query":"${' '.repeat(1.1e6)}"}`), 413, 'PAYLOAD_TOO_LARGE'],
    [
      'an unknown charset',
      () => post('{}', { 'content-type': 'application/json; charset=x' }),
      400,
      'BAD_USER_INPUT',
    ],
    ['no query', () => post('{}'), 400, 'BAD_USER_INPUT'],
    ['a number as body', () => post('1'), 400, 'BAD_USER_INPUT'],
    ['a batch', () => post('[{"query":"{model{name}}"}]'), 400, 'BAD_USER_INPUT'],
    ['text/plain', () => post('{}', { 'content-type': 'text/plain' }), 400, 'BAD_USER_INPUT'],
    ['no content type', () => post('x', { 'content-type': '' }), 400, 'BAD_USER_INPUT'],
    ['PUT', () => fetch(`${app.url}/graphql`, { method: 'PUT' }), 405, 'BAD_USER_INPUT'],
    ['DELETE', () => fetch(`${app.url}/graphql`, { method: 'DELETE' }), 405, 'BAD_USER_INPUT'],
    ['a plain GET', () => fetch(`${app.url}/graphql?query={model{name}}`), 400, 'BAD_USER_INPUT'],
    ['a syntax error', () => post('{"query":"{"}'), 400, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', () => post('{"query":"{ nothing }"}'), 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'no operation of the name',
      () => post('{"query":"query A { model { name } }","operationName":"B"}'),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'a persisted query',
      () => post(`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"${'a'.repeat(64)}"}}}`),
      200, // the convention of clients that know persisted queries: they send the whole query next
      'BAD_USER_INPUT',
    ],
  ];
  test.each(cases)('%s', async (_, ask, status, code) => {
    const response = await ask();
    const body = await response.text();
    expect([response.status, body]).toEqual([status, expect.stringContaining('"errors"')]);
    const { errors } = JSON.parse(body);
    expect(errors[0].extensions).toEqual({ code });
    expect(body).not.toMatch(/node_modules|\.js|\\n +at /);
  });
});

describe('Host', () => {
  const ask = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(app.url);
      request({ host: '127.0.0.1', port, path: '/health/live', headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });

  test.each(['localhost', 'localhost:4000', '127.0.0.1:1', '[::1]', '[::1]:4000'])(
    '%s is answered',
    async (host) => {
      expect(await ask(host)).toBe(200);
    },
  );

  test.each(['example.com', 'localhost.example.com', '127.0.0.1.example.com:4000', '10.0.0.1'])(
    '%s is refused',
    async (host) => {
      expect(await ask(host)).toBe(403);
    },
  );
});

describe('pages', () => {
  const html = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

  test('the page answers at the address of each of its views, with files that never change', async () => {
    const first = await (await fetch(app.url)).text();
    expect(first).toContain('<title>ClipQL</title>');
    const id = '00000000-0000-0000-0000-000000000000';
    for (const view of ['/?q=a+red+circle', `/videos/${id}`, '/ingest', '/model']) {
      const response = await fetch(app.url + view, { headers: html });
      expect([view, response.status, await response.text()]).toEqual([view, 200, first]);
      expect(response.headers.get('cache-control')).toBe('no-cache');
    }
    const files = [...first.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link as string);
    expect(files.length).toBe(3); // script, style, icon
    for (const file of files) {
      const response = await fetch(app.url + file);
      expect([file, response.status]).toEqual([file, 200]);
      expect(response.headers.get('cache-control')).toContain('immutable');
      await response.body?.cancel();
    }
  });

  test('the script of the page is sent compressed, in less than 150 kB', async () => {
    const [, script] = /src="([^"]+\.js)"/.exec(await (await fetch(app.url)).text()) as RegExpExecArray;
    const { port } = new URL(app.url);
    const headers = { 'accept-encoding': 'gzip' };
    const size = await new Promise<number>((resolve, reject) => {
      request({ host: '127.0.0.1', port, path: script, headers }, (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('end', () => resolve(response.headers['content-encoding'] === 'gzip' ? bytes : Infinity));
      })
        .on('error', reject)
        .end();
    });
    expect(size).toBeLessThan(150_000);
  });

  test('a browser gets GraphiQL from this server alone, under a strict policy', async () => {
    const response = await fetch(`${app.url}/graphql`, { headers: html });
    const page = await response.text();
    expect(response.headers.get('content-type')).toContain('text/html');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('upgrade-insecure-requests');
    expect(policy).not.toContain('unsafe-eval');
    expect(policy).toContain("style-src 'self' 'unsafe-inline'"); // its editor makes styles
    const links = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link as string);
    expect(links.filter((link) => /^(https?:)?\/\//.test(link))).toEqual([]);
    const assets = links.filter((link) => link.startsWith('/'));
    expect(assets.length).toBeGreaterThan(1);
    for (const asset of assets) {
      const file = await fetch(app.url + asset);
      expect([asset, file.status]).toEqual([asset, 200]);
      await file.body?.cancel();
    }
  });

  test('all else has a policy that allows nothing inline, and nothing from elsewhere', async () => {
    for (const path of ['/', '/graphql', '/health/live', '/nothing']) {
      const { headers } = await fetch(app.url + path, { redirect: 'manual' });
      expect([path, headers.get('content-security-policy')?.split(';').toSorted()]).toEqual([
        path,
        [
          ...["base-uri 'none'", "default-src 'self'", "frame-ancestors 'none'"],
          ...["img-src 'self' data:", "media-src 'self'", "object-src 'none'"],
        ],
      ]);
    }
  });

  test('what is nowhere is 404 as JSON', async () => {
    for (const path of [
      '/nothing',
      '/graphiql/',
      '/graphiql/nothing.js',
      '/videos',
      '/graphiql/../../package.json',
    ]) {
      const response = await fetch(app.url + path);
      expect([path, response.status]).toEqual([path, 404]);
      expect(((await response.json()) as { errors: object[] }).errors[0]).toMatchObject({
        extensions: { code: 'NOT_FOUND' },
      });
    }
  });

  test('the API’s page is asked for anew each time, and is nowhere else', async () => {
    const response = await fetch(`${app.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('vary')).toContain('Accept');
    expect((await fetch(`${app.url}/graphiql/index.html`)).status).toBe(404);
  });

  test('what is nowhere is the page for a browser', async () => {
    const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    const response = await fetch(`${app.url}/nothing`, { headers: { accept } });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      404,
      'text/html; charset=utf-8',
    ]);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  test('a malformed address is 400 as JSON', async () => {
    const response = await fetch(`${app.url}/videos/%ff/media`);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('json');
  });
});

test('health', async () => {
  const ask = async (path: string) => (await fetch(app.url + path)).json();
  expect(await ask('/health/live')).toEqual({ status: 'ok' });
  expect(await ask('/health/ready')).toEqual({
    ...{ status: 'ok', database: true, model: 'clipql-shapes' },
    ...{ modelState: 'READY', progress: 1 },
  });
});
