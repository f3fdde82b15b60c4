import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type Duplex, pipeline } from 'node:stream';
import { ClipqlError } from '../../errors.ts';
import { guardedLookup } from './guard.ts';
import { type HostList, hostOf, portOf } from './host-list.ts';

/** Milliseconds without a byte after which a connection is closed. */
const IDLE = 60_000;

/** An HTTP proxy on loopback, for a program that has no guard of its own. */
export interface GuardedProxy {
  url: string;
  /** The first connection that was refused for its address. */
  refusal(): ClipqlError | null;
  close(): void;
}

/** Starts a proxy that connects to public addresses and the services that `hosts` names, for plain requests and tunnels. */
export async function startProxy(hosts: HostList): Promise<GuardedProxy> {
  let refused: ClipqlError | null = null;
  const open = new Set<Duplex>();
  const note = (error: unknown) => {
    if (error instanceof ClipqlError) refused ??= error;
  };

  /** How to connect to a host. Throws for an address that is not public. */
  function target(url: URL) {
    const host = hostOf(url);
    const port = portOf(url);
    return { host, port, lookup: guardedLookup(hosts, host, port) };
  }

  function forward(incoming: IncomingMessage, response: ServerResponse): void {
    const fail = (error: unknown) => {
      note(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(error instanceof ClipqlError ? 403 : 502).end();
    };
    try {
      const url = new URL(incoming.url ?? '');
      if (url.protocol !== 'http:') throw new Error('A tunnel is needed for this.');
      const { 'proxy-connection': _, 'proxy-authorization': __, ...headers } = incoming.headers;
      const outgoing = httpRequest(
        { ...target(url), path: url.pathname + url.search, method: incoming.method, headers, timeout: IDLE },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          pipeline(answer, response, note);
        },
      );
      outgoing.on('timeout', () => outgoing.destroy());
      outgoing.on('error', fail);
      pipeline(incoming, outgoing, () => {});
    } catch (error) {
      fail(error);
    }
  }

  function tunnel(incoming: IncomingMessage, client: Duplex, head: Buffer): void {
    const fail = (error: unknown) => {
      note(error);
      client.end(`HTTP/1.1 ${error instanceof ClipqlError ? '403 Forbidden' : '502 Bad Gateway'}\r\n\r\n`);
    };
    client.on('error', () => {});
    try {
      const remote = connect({ ...target(new URL(`https://${incoming.url}`)), timeout: IDLE });
      open.add(remote).add(client);
      remote.on('timeout', () => remote.destroy());
      remote.once('error', fail);
      remote.once('connect', () => {
        remote.off('error', fail);
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        remote.write(head);
        pipeline(client, remote, () => {});
        pipeline(remote, client, () => {});
      });
      remote.once('close', () => {
        open.delete(remote);
        open.delete(client);
      });
    } catch (error) {
      fail(error);
    }
  }

  const server = createServer(forward).on('connect', tunnel);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusal: () => refused,
    close() {
      server.close();
      server.closeAllConnections();
      for (const socket of open) socket.destroy();
    },
  };
}
