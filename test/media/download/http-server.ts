import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server of the test's own on loopback. */
export interface TestServer {
  /** `http://127.0.0.1:port`. */
  url: string;
  /** As the list of hosts names it. */
  host: string;
  port: number;
  /** All that was asked, in order. */
  requests: IncomingMessage[];
}

/** Answers with `handler` until the test is finished. */
export async function httpServer(handler: RequestListener, address = '127.0.0.1'): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, host: `127.0.0.1:${port}`, port, requests };
}

/** Answers as a file server does, with a strong tag and the asked range when `if-range` still holds. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  { etag = '"one"', cutAfter = Number.POSITIVE_INFINITY }: { etag?: string; cutAfter?: number } = {},
): void {
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const start = asked && request.headers['if-range'] === etag ? Number(asked[1]) : 0;
  if (start >= bytes.length && start > 0) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
  response.writeHead(start > 0 ? 206 : 200, {
    ...{ etag, 'content-length': bytes.length - start, 'accept-ranges': 'bytes' },
    ...(start > 0 ? range : {}),
  });
  if (bytes.length - start <= cutAfter) response.end(bytes.subarray(start));
  else response.write(bytes.subarray(start, start + cutAfter), () => response.socket?.destroySoon());
}
