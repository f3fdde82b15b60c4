import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientGone } from '#src/api/context.js';

let signal: AbortSignal;
const server = createServer((_request, response) => {
  signal = clientGone(response);
  server.emit('asked', response);
});
beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => server.close());

const ask = () => {
  const { port } = server.address() as AddressInfo;
  return request({ port, host: '127.0.0.1' }).on('error', () => {});
};

test('a client that goes before its answer aborts the signal', async () => {
  const asked = once(server, 'asked');
  const client = ask();
  client.end();
  await asked;
  expect(signal.aborted).toBe(false);
  const aborted = once(signal, 'abort');
  client.destroy();
  await aborted;
});

test('one that got its answer does not', async () => {
  const asked = once(server, 'asked');
  const answered = once(ask().end(), 'response');
  const [response] = await asked;
  const closed = once(response, 'close');
  response.end('ok');
  const [message] = await answered;
  message.resume();
  await closed;
  expect(signal.aborted).toBe(false);
});
