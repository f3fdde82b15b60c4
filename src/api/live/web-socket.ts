import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { isLoopback } from '../../config.ts';
import { MAX_BODY } from '../limits.ts';
import type { LiveOperations } from './operations.ts';

/** Of one process. */
const MAX_CONNECTIONS = 500;
/** Of one connection. */
const MAX_SUBSCRIPTIONS = 50;
/** Milliseconds between two signs of life. */
const PING = 12_000;

/** Subscriptions by WebSocket at `/graphql` (graphql-transport-ws), until `stopping`. */
export function serveWebSocket(
  server: Server,
  operations: LiveOperations,
  { loopback, stopping }: { loopback: boolean; stopping: AbortSignal },
): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY });
  const service = useServer(
    {
      onSubscribe({ subscriptions }, _id, payload) {
        try {
          if (Object.keys(subscriptions).length > MAX_SUBSCRIPTIONS) throw tooMany(); // this one is among them
          return operations.prepare(payload);
        } catch (error) {
          return [error as GraphQLError];
        }
      },
      onNext: (_context, _id, _payload, _args, result) => operations.mask(result),
      onError: (_context, _id, _payload, errors) => operations.mask({ errors }).errors,
    },
    sockets,
    PING,
  );

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = refuse(request);
    if (refusal) {
      socket.on('error', () => {}); // a client that is gone already
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });
  stopping.addEventListener('abort', () => void service.dispose(), { once: true });

  /** The status of an upgrade that is refused. A page of another site may open a WebSocket to us: it names its origin. */
  function refuse({ url = '', headers }: IncomingMessage): string | null {
    if (url.replace(/\?.*/, '') !== '/graphql') return '404 Not Found';
    if (stopping.aborted || sockets.clients.size >= MAX_CONNECTIONS) return '503 Service Unavailable';
    const host = headers.host ?? '';
    if (loopback && !isLoopback(host.replace(/:\d*$/, ''))) return '403 Forbidden';
    if (headers.origin !== undefined && hostOf(headers.origin) !== host) return '403 Forbidden';
    return null;
  }
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

const tooMany = () =>
  new GraphQLError(`A connection may have ${MAX_SUBSCRIPTIONS} subscriptions. End some of them first.`, {
    extensions: { code: 'TOO_COSTLY' },
  });
