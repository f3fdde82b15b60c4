import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const PUBLIC = 'https://videos.example.com';
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-proxy-')));

/** The status of a request with these headers. */
const ask = (app: TestApp, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: new URL(app.url).port, path: '/health/live', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });

/** What a WebSocket handshake with these headers ends with: 101, or the status it is refused with. */
const handshake = (app: TestApp, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve) => {
    const url = `${app.url.replace('http', 'ws')}/graphql`;
    const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.on('error', ({ message }) => resolve(Number(/\d+$/.exec(message)?.[0])));
  });

describe('with PUBLIC_URL', () => {
  let app: TestApp;
  let own: string;
  beforeAll(async () => {
    app = await startApp({
      PUBLIC_URL: `${PUBLIC}/`,
      READ_TOKEN: 'read-token-of-this-test',
      MEDIA_DIRS: folder,
    });
    own = new URL(app.url).host;
  });
  afterAll(() => app?.remove());

  test('its name is answered to, beside our own, and no other', async () => {
    for (const host of [
      'videos.example.com',
      'Videos.Example.com',
      'videos.example.com:443',
      own,
      'localhost',
    ])
      expect([host, await ask(app, { host })]).toEqual([host, 200]);
    for (const host of [
      'evil.example',
      'x.videos.example.com',
      'videos.example.com.evil.example',
      'example.com',
    ])
      expect([host, await ask(app, { host })]).toEqual([host, 403]);
  });

  test('what anybody says it forwards is not believed', async () => {
    const forwarded = { 'x-forwarded-host': 'videos.example.com' };
    expect(await ask(app, { host: 'evil.example', ...forwarded })).toBe(403);
    expect(await ask(app, { host: own, 'x-forwarded-host': 'evil.example' })).toBe(200);
    const origin = 'https://other.example';
    expect(await handshake(app, { host: own, origin, 'x-forwarded-host': 'other.example' })).toBe(403);
  });

  test('WebSockets of its pages are ours, whatever name the proxy asks for', async () => {
    expect(await handshake(app, { host: 'videos.example.com', origin: PUBLIC })).toBe(101);
    expect(await handshake(app, { host: own, origin: PUBLIC })).toBe(101);
    expect(await handshake(app, { origin: app.url })).toBe(101);
    expect(await handshake(app, { host: own, origin: 'https://evil.example' })).toBe(403);
    const insecure = PUBLIC.replace('https:', 'http:');
    expect(await handshake(app, { host: 'videos.example.com', origin: insecure })).toBe(403);
    expect(await handshake(app, { host: own, origin: `ftp://${own}` })).toBe(403);
    expect(await handshake(app, { host: 'evil.example', origin: PUBLIC })).toBe(403);
    expect(await handshake(app, { host: 'evil.example', origin: 'http://evil.example' })).toBe(403);
  });

  test('its pages may use the API under another name', async () => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: PUBLIC, 'access-control-request-method': 'POST' },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe(PUBLIC);
  });

  test('URLs of media are whole, and uploads stay where they were sent', async () => {
    const { video } = await app.ingest({ path: makeClip(join(folder, 'clip.mp4')) });
    const { data } = await app.ask('query ($id: ID!) { video(id: $id) { mediaUrl posterUrl sheetUrl } }', {
      id: video.id,
    });
    for (const url of Object.values(data.video) as string[]) {
      expect(url).toMatch(new RegExp(`^${PUBLIC}/videos/${video.id}/[a-z.]+\\?expires=\\d+&signature=`));
      const response = await fetch(app.url + url.slice(PUBLIC.length));
      expect(response.status).toBe(200);
      // A page that was opened under another name shows it, too.
      expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    }
    const made = await fetch(`${app.url}/uploads`, {
      method: 'POST',
      headers: { authorization: `Bearer ${app.token}`, 'tus-resumable': '1.0.0', 'upload-length': '3' },
    });
    expect(made.headers.get('location')).toMatch(/^\/uploads\//);
    rmSync(folder, { recursive: true });
  });

  test('pages may load pictures and videos from it', async () => {
    for (const accept of ['text/html', 'application/json']) {
      const response = await fetch(`${app.url}/graphql`, { headers: { accept } });
      const policy = response.headers.get('content-security-policy');
      expect(policy).toContain(`img-src 'self' ${PUBLIC} data:`);
      expect(policy).toContain(`media-src 'self' ${PUBLIC}`);
    }
  });

  test('it is the address that the start tells', () => {
    expect([app.address, app.open]).toEqual([PUBLIC, false]);
  });
});

describe('with TRUST_PROXY', () => {
  let app: TestApp;
  let own: string;
  beforeAll(async () => {
    app = await startApp({ PUBLIC_URL: PUBLIC, TRUST_PROXY: 'loopback' });
    own = new URL(app.url).host;
  });
  afterAll(() => app?.remove());

  test('what the proxy was asked for is checked', async () => {
    const forwarded = (name: string) => ask(app, { host: own, 'x-forwarded-host': name });
    for (const name of [
      'videos.example.com',
      'videos.example.com:443',
      'videos.example.com, inner.lan',
      'localhost',
    ])
      expect([name, await forwarded(name)]).toEqual([name, 200]);
    for (const name of ['evil.example', 'evil.example, videos.example.com'])
      expect([name, await forwarded(name)]).toEqual([name, 403]);
    expect(await ask(app, { host: own })).toBe(200);
  });

  test('a page whose name was made to point here cannot forge it', async () => {
    for (const name of ['videos.example.com', 'localhost', own])
      expect(await ask(app, { host: 'evil.example', 'x-forwarded-host': name })).toBe(403);
  });

  test('a WebSocket’s page is ours by the name that was asked for', async () => {
    const local = (origin: string, name: string) =>
      handshake(app, { host: own, origin, 'x-forwarded-host': name });
    expect(await local('http://localhost:8080', 'localhost:8080')).toBe(101); // a proxy on this machine
    expect(await local(PUBLIC, 'videos.example.com')).toBe(101);
    expect(await local('http://localhost:9090', 'localhost:8080')).toBe(403);
    expect(await local('https://evil.example', 'evil.example')).toBe(403);
  });
});

test('a proxy that is not in TRUST_PROXY is not believed', async () => {
  const app = await startApp({ TRUST_PROXY: '10.0.0.0/8' });
  try {
    const host = new URL(app.url).host;
    expect(await ask(app, { host, 'x-forwarded-host': 'evil.example' })).toBe(200);
    const headers = { host, origin: 'http://localhost:8080', 'x-forwarded-host': 'localhost:8080' };
    expect(await handshake(app, headers)).toBe(403);
  } finally {
    await app.remove();
  }
});

test('a server for other machines takes the forwarded name for its own', async () => {
  const app = await startApp({ HOST: '0.0.0.0', ADMIN_TOKEN: 'admin-token-of-this-test', TRUST_PROXY: '1' });
  try {
    const headers = { host: 'clipql:4000', origin: 'https://videos.lan', 'x-forwarded-host': 'videos.lan' };
    expect(await ask(app, headers)).toBe(200);
    expect(await handshake(app, headers)).toBe(101);
    expect(await handshake(app, { ...headers, 'x-forwarded-host': 'other.lan' })).toBe(403);
  } finally {
    await app.remove();
  }
});
