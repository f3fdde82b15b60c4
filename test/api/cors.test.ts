import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const READ = 'read-token-of-this-test';
const APP = 'https://app.example.com';
const DEV = 'http://localhost:5173';
const FOREIGN = [
  'https://evil.example',
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://app.example.com.evil.example',
  'null',
];
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-cors-')));

const header = (response: Response, name: string) => response.headers.get(name);
const listed = (response: Response, name: string) =>
  (response.headers.get(name) ?? '').toLowerCase().split(/ *, */);
const preflight = (url: string, origin: string, method: string, headers: string) =>
  fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': headers,
    },
  });
const handshake = (url: string, origin: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws', { headers: { origin } });
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.on('error', (error) => resolve(error.message));
  });

/** What pages ask, and with which headers. */
const USES: [string, string, string][] = [
  ['POST', '/graphql', 'authorization,content-type'],
  ['GET', '/graphql', 'apollo-require-preflight,authorization'],
  ['POST', '/graphql/stream', 'accept,authorization,content-type'],
  ['POST', '/uploads', 'authorization,tus-resumable,upload-length,upload-metadata'],
  ['PATCH', `/uploads/${'0'.repeat(32)}`, 'authorization,content-type,tus-resumable,upload-offset'],
  ['HEAD', `/uploads/${'0'.repeat(32)}`, 'authorization,tus-resumable'],
  ['DELETE', `/uploads/${'0'.repeat(32)}`, 'authorization,tus-resumable'],
  ['GET', `/videos/${UNKNOWN}/media`, 'authorization,range'],
];

describe('with ALLOWED_ORIGINS', () => {
  let app: TestApp;
  let id: string;
  beforeAll(async () => {
    app = await startApp({ ALLOWED_ORIGINS: `${APP},${DEV}`, READ_TOKEN: READ, MEDIA_DIRS: folder });
    id = (await app.ingest({ path: makeClip(join(folder, 'clip.mp4')) })).video.id;
  });
  afterAll(async () => {
    await app?.remove();
    rmSync(folder, { recursive: true });
  });

  describe.each(USES)('%s %s', (method, path, headers) => {
    test.each([APP, DEV])('the preflight of %s is answered, without a token', async (origin) => {
      const response = await preflight(app.url + path, origin, method, headers);
      expect([response.status, await response.text()]).toEqual([204, '']);
      expect(header(response, 'access-control-allow-origin')).toBe(origin);
      expect(header(response, 'access-control-allow-credentials')).toBeNull();
      expect(listed(response, 'access-control-allow-methods')).toContain(method.toLowerCase());
      expect(listed(response, 'access-control-allow-headers')).toEqual(
        expect.arrayContaining(headers.split(',')),
      );
      expect(listed(response, 'vary')).toContain('origin');
    });

    test.each(FOREIGN)('that of %s allows nothing', async (origin) => {
      const response = await preflight(app.url + path, origin, method, headers);
      expect(response.status).toBe(204);
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(listed(response, 'vary')).toContain('origin');
    });
  });

  const ask = (origin: string, headers: Record<string, string> = {}, body = '{"query":"{model{name}}"}') =>
    fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${READ}`, origin, ...headers },
      body,
    });

  test('answers can be read, also refusals', async () => {
    for (const authorization of [`Bearer ${READ}`, '']) {
      const response = await ask(APP, { authorization });
      expect(response.status).toBe(authorization ? 200 : 401);
      expect(header(response, 'access-control-allow-origin')).toBe(APP);
      expect(listed(response, 'vary')).toContain('origin');
      expect(
        header(await ask('https://evil.example', { authorization }), 'access-control-allow-origin'),
      ).toBeNull();
    }
  });

  test('forms, which need no preflight, are refused as before', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect((await ask(APP, { 'content-type': type })).status).toBe(400);
    const plain = await fetch(`${app.url}/graphql?query={model{name}}`, {
      headers: { origin: APP, authorization: `Bearer ${READ}` },
    });
    expect(plain.status).toBe(400);
  });

  test('an upload tells where it is and how far', async () => {
    const made = await fetch(`${app.url}/uploads`, {
      method: 'POST',
      headers: {
        ...{ origin: APP, authorization: `Bearer ${app.token}` },
        ...{ 'tus-resumable': '1.0.0', 'upload-length': '10' },
      },
    });
    expect(made.status).toBe(201);
    const where = new URL(header(made, 'location') as string, app.url);
    const head = await fetch(where, {
      method: 'HEAD',
      headers: { origin: APP, authorization: `Bearer ${app.token}`, 'tus-resumable': '1.0.0' },
    });
    expect(head.status).toBe(200);
    for (const response of [made, head]) {
      expect(header(response, 'access-control-allow-origin')).toBe(APP);
      expect(listed(response, 'access-control-expose-headers')).toEqual(
        expect.arrayContaining([
          'location',
          'upload-offset',
          'upload-length',
          'tus-resumable',
          'upload-metadata',
        ]),
      );
    }
  });

  test('pictures and videos may be shown by other sites', async () => {
    for (const what of ['media', 'poster.webp', 'sheet.webp']) {
      const response = await fetch(`${app.url}/videos/${id}/${what}`, {
        headers: { authorization: `Bearer ${READ}`, origin: APP },
      });
      expect(response.status).toBe(200);
      expect(header(response, 'cross-origin-resource-policy')).toBe('cross-origin');
      expect(header(response, 'access-control-allow-origin')).toBe(APP);
      expect(listed(response, 'access-control-expose-headers')).toContain('content-range');
    }
    expect(header(await ask(APP), 'cross-origin-resource-policy')).toBe('same-origin');
  });

  test('what is not for pages stays closed', async () => {
    for (const path of ['/metrics', '/health/ready', '/']) {
      const response = await fetch(app.url + path, { headers: { origin: APP }, redirect: 'manual' });
      expect(header(response, 'access-control-allow-origin')).toBeNull();
    }
  });

  test('WebSockets of their pages and our own', async () => {
    for (const origin of [APP, DEV, app.url])
      expect(await handshake(`${app.url}/graphql`, origin)).toBe('open');
    for (const origin of FOREIGN) expect(await handshake(`${app.url}/graphql`, origin)).toContain('403');
  });
});

test('`*` are all origins, without credentials', async () => {
  const app = await startApp({ ALLOWED_ORIGINS: '*' });
  try {
    for (const origin of FOREIGN) {
      const response = await preflight(`${app.url}/graphql`, origin, 'POST', 'content-type');
      expect([origin, header(response, 'access-control-allow-origin')]).toEqual([origin, origin]);
      expect(header(response, 'access-control-allow-credentials')).toBeNull();
      expect(await handshake(`${app.url}/graphql`, origin)).toBe('open');
    }
  } finally {
    await app.remove();
  }
});

test('without ALLOWED_ORIGINS nothing is allowed', async () => {
  const app = await startApp();
  try {
    for (const [method, path, headers] of USES) {
      const response = await preflight(app.url + path, APP, method, headers);
      expect([response.status, header(response, 'access-control-allow-origin')]).toEqual([204, null]);
    }
    const media = await fetch(`${app.url}/videos/${UNKNOWN}/media`);
    expect(header(media, 'cross-origin-resource-policy')).toBe('same-origin');
  } finally {
    await app.remove();
  }
});
