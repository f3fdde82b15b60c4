import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from '#src/config.js';
import { fetchModel } from '#src/xclip/hub/fetch-model.js';
import { fixture } from '../fixtures.js';
import { type FakeHub, startFakeHub } from './fake-hub.js';
import { safetensorsFile } from './safetensors-file.js';

const NAME = 'owner/model';
const USER = 'user:secret';

interface Proxy {
  address: string;
  /** What it was asked to connect to. */
  asked: string[];
}

/** A proxy by CONNECT, for those who know its password. */
async function startProxy(): Promise<Proxy> {
  const asked: string[] = [];
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, socket, head) => {
    const expected = `Basic ${Buffer.from(USER).toString('base64')}`;
    if (request.headers['proxy-authorization'] !== expected) {
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    }
    asked.push(request.url ?? '');
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.write(head);
      pipeline(socket, target, socket, () => {});
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function startHub(): Promise<FakeHub> {
  const small = ['config.json', 'preprocessor_config.json', 'tokenizer.json'];
  const files = small.map((file) => [file, readFileSync(fixture(`half/${file}`))] as const);
  const main = { ...Object.fromEntries(files), 'model.safetensors': safetensorsFile(200_000) };
  const hub = await startFakeHub({ [NAME]: { main } });
  onTestFinished(() => hub.close());
  return hub;
}

/** Fetches a model with the settings of this environment. */
async function fetchWith(environment: Record<string, string>, hub: FakeHub): Promise<void> {
  const cache = mkdtempSync(join(tmpdir(), 'clipql-proxy-'));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const settings = readSettings({ HF_HUB_CACHE: cache, HF_ENDPOINT: hub.endpoint, ...environment });
  await fetchModel(settings.hub, NAME, { patience: { attempts: 1, stall: 2000, wait: 1 } });
}

test('a model comes through the proxy, its weights from another host as well', async () => {
  const [hub, proxy] = [await startHub(), await startProxy()];
  await fetchWith({ HTTP_PROXY: `http://${USER}@${proxy.address}` }, hub);
  const hosts = new Set(hub.requests.map(({ headers }) => headers.host));
  expect(hosts.size).toBe(2);
  expect(new Set(proxy.asked)).toEqual(hosts);
});

test('in small letters and without a scheme, too', async () => {
  const [hub, proxy] = [await startHub(), await startProxy()];
  await fetchWith({ http_proxy: `${USER}@${proxy.address}` }, hub);
  expect(proxy.asked).toContain(new URL(hub.endpoint).host);
});

test('what NO_PROXY names is reached without it', async () => {
  const [hub, proxy] = [await startHub(), await startProxy()];
  await fetchWith({ HTTP_PROXY: `http://${USER}@${proxy.address}`, NO_PROXY: 'other.lan,127.0.0.1' }, hub);
  expect(proxy.asked).toEqual([]);
});

test('a proxy that refuses is named as what to look at', async () => {
  const [hub, proxy] = [await startHub(), await startProxy()];
  const fetching = fetchWith({ HTTP_PROXY: proxy.address }, hub);
  await expect(fetching).rejects.toThrow(
    'Check the network and the proxy (HTTPS_PROXY, HTTP_PROXY, NO_PROXY)',
  );
  expect(hub.requests).toEqual([]);
});

test('a proxy of another kind is a bad setting', () => {
  expect(() => readSettings({ HTTPS_PROXY: 'socks5://127.0.0.1:1' })).toThrow('HTTPS_PROXY: must be');
});
