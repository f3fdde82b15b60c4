import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createAccess } from '#src/api/auth.js';
import { createWorkerServer, type ServerParts } from '#src/api/server.js';
import { createMetrics } from '#src/metrics.js';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const READ = 'read-token-of-this-test';
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-access-')));
let app: TestApp;
let id: string;

beforeAll(async () => {
  app = await startApp({ READ_TOKEN: READ, MEDIA_DIRS: folder });
  id = (await app.ingest({ path: makeClip(join(folder, 'clip.mp4')) })).video.id;
});
afterAll(async () => {
  await app?.remove();
  rmSync(folder, { recursive: true });
});

const WATCH = `subscription { ingestionUpdated(id: "${UNKNOWN}") { id } }`;
const query = encodeURIComponent('{model{name}}');

type Ask = (authorization: Record<string, string>) => Promise<Response>;
const get =
  (path: () => string, headers: Record<string, string> = {}): Ask =>
  (authorization) =>
    fetch(app.url + path(), { headers: { ...headers, ...authorization } });
const post =
  (body: object): Ask =>
  (authorization) =>
    fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: JSON.stringify(body),
    });

const READS: [string, Ask][] = [
  ['POST /graphql', post({ query: '{ model { name } }' })],
  ['GET /graphql', get(() => `/graphql?query=${query}`, { 'apollo-require-preflight': '1' })],
  [
    'GET /graphql of a browser, with a query',
    get(() => `/graphql?query=${query}`, { accept: 'text/html', 'apollo-require-preflight': '1' }),
  ],
  [
    '/graphql/stream',
    get(() => `/graphql/stream?query=${encodeURIComponent(WATCH)}`, { accept: 'text/event-stream' }),
  ],
  ['the media', get(() => `/videos/${id}/media`)],
  ['the poster', get(() => `/videos/${id}/poster.webp`)],
  ['the contact sheet', get(() => `/videos/${id}/sheet.webp?clip=0`)],
  ['/metrics', get(() => '/metrics')],
];

const refused = async (response: Response) => {
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
  expect(errors).toHaveLength(1);
  expect(errors[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
  return errors[0]?.message as string;
};

describe.each(READS)('with READ_TOKEN, %s', (_name, ask) => {
  test.each([
    ['no token', () => ({})],
    ['a wrong token', () => ({ authorization: 'Bearer wrong-token-of-some-length' })],
    ['an empty token', () => ({ authorization: 'Bearer ' })],
    ['another scheme', () => ({ authorization: `Basic ${READ}` })],
    ['more than the token', () => ({ authorization: `Bearer ${READ}x` })],
  ])('is refused with %s', async (_what, headers) => {
    expect(await refused(await ask(headers() as Record<string, string>))).toMatch(
      /read token.*Authorization: Bearer|Authorization: Bearer.*read token/,
    );
  });

  test('is answered with the read token and the admin token', async () => {
    for (const token of [READ, app.token]) {
      const response = await ask({ authorization: `Bearer ${token}` });
      expect(response.status).toBe(200);
      const body = await response.text();
      expect(body).not.toContain('UNAUTHENTICATED');
    }
  });
});

describe('what changes something needs the admin token', () => {
  const mutation = post({ query: `mutation { deleteVideo(id: "${UNKNOWN}") }` });

  test('a mutation', async () => {
    expect(await refused(await mutation({}))).toContain('read token');
    expect(await refused(await mutation({ authorization: `Bearer ${READ}` }))).toContain('admin token');
    expect(await (await mutation({ authorization: `Bearer ${app.token}` })).text()).toContain('NOT_FOUND');
  });

  test('an upload', async () => {
    const upload = (token: string) =>
      fetch(`${app.url}/uploads`, {
        method: 'POST',
        headers: { 'tus-resumable': '1.0.0', 'upload-length': '3', authorization: `Bearer ${token}` },
      });
    expect(await refused(await upload(READ))).toContain('admin token');
    expect((await upload(app.token)).status).toBe(201);
  });
});

describe('what needs no token', () => {
  test.each(['/health/live', '/health/ready', '/'])('%s', async (path) => {
    expect((await fetch(app.url + path, { redirect: 'manual' })).status).toBeLessThan(400);
  });

  test('GraphiQL and its files, which hold nothing of the library', async () => {
    const response = await fetch(`${app.url}/graphql`, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toContain('text/html');
    const [, script] = /src="(\/graphiql\/[^"]+)"/.exec(await response.text()) ?? [];
    expect((await fetch(app.url + script, { method: 'HEAD' })).status).toBe(200);
  });

  test('saying that there is nothing', async () => {
    expect((await fetch(`${app.url}/nothing`)).status).toBe(404);
  });
});

describe('WebSocket', () => {
  /** What a subscription with these connectionParams ends with: a code of an error, or of the closed connection. */
  const subscribe = (connectionParams: Record<string, unknown> | undefined): Promise<string | number> =>
    createClient({
      ...{ url: `${app.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 },
      ...(connectionParams && { connectionParams }),
    })
      .iterate({ query: WATCH })
      .next()
      .then(
        ({ value }) => String(value?.errors?.[0]?.extensions?.code),
        (error) => error.code ?? error[0].extensions.code,
      );

  test.each([
    ['none', undefined],
    ['an empty object', {}],
    ['a wrong token', { authorization: 'Bearer wrong' }],
    ['the token alone', { authorization: READ }],
    ['no text', { authorization: [`Bearer ${READ}`] }],
    ['a number', { Authorization: 1 }],
  ])('connectionParams: %s', async (_what, params) => {
    expect(await subscribe(params)).toBe(4403);
  });

  test('is answered with the read token and the admin token, in either spelling', async () => {
    for (const token of [READ, app.token]) {
      expect(await subscribe({ authorization: `Bearer ${token}` })).toBe('NOT_FOUND');
      expect(await subscribe({ Authorization: `Bearer ${token}` })).toBe('NOT_FOUND');
    }
  });
});

test('a worker guards its metrics, not its health', async () => {
  const services = { metrics: createMetrics() } as ServerParts['services'];
  const settings = { loopback: true, publicUrl: null, allowedOrigins: [], trustProxy: null };
  const server = createWorkerServer({
    ...{ services, settings, db: {} as ServerParts['db'], stopping: new AbortController().signal },
    access: createAccess('admin-token-of-this-test', READ),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const metrics = (token: string) =>
      fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
    await refused(await fetch(`${url}/metrics`));
    await refused(await metrics('wrong'));
    for (const token of [READ, 'admin-token-of-this-test']) {
      const response = await metrics(token);
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('clipql_')]);
    }
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
