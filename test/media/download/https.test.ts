import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../grey-video.js';
import { httpServer } from './http-server.js';

const CERTIFICATE = fileURLToPath(new URL('./fixtures/certificate.pem', import.meta.url));
const KEY = fileURLToPath(new URL('./fixtures/key.pem', import.meta.url));
const PROCESS = fileURLToPath(new URL('./download-process.mjs', import.meta.url));

/** How a download ends in a process that trusts the certificate, or does not. */
async function outcome(hosts: string[], url: string, trusting: boolean) {
  const env = { ...process.env, ...(trusting ? { NODE_EXTRA_CA_CERTS: CERTIFICATE } : {}) };
  const child = fork(PROCESS, [hosts.join(','), url, join(testFolder(), 'file')], { env });
  const said: { name?: string; code?: string; message?: string }[] = [];
  child.on('message', (message: (typeof said)[number]) => said.push(message));
  await once(child, 'exit');
  return said.at(-1);
}

test('https is checked, and never left for http', async () => {
  const plain = await httpServer((_request, response) => response.end('seen by anybody'));
  const server = createServer(
    { key: readFileSync(KEY), cert: readFileSync(CERTIFICATE) },
    (request, response) =>
      request.url === '/down'
        ? response.writeHead(302, { location: `${plain.url}/a.mp4` }).end()
        : response.end('bytes'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  expect(await outcome([host], `https://${host}/a.mp4`, true)).toEqual({ name: 'a.mp4' });
  expect(await outcome([host, plain.host], `https://${host}/down`, true)).toMatchObject({
    code: 'SOURCE_NOT_ALLOWED',
    message: expect.stringContaining('from https to http'),
  });
  expect(plain.requests).toHaveLength(0);
  expect(await outcome([host], `https://${host}/a.mp4`, false)).toMatchObject({
    code: 'SOURCE_NOT_ALLOWED',
    message: expect.stringContaining('certificate'),
  });
});
