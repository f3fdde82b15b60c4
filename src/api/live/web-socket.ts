import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Access } from '../auth.ts';
import { MAX_BODY } from '../limits.ts';
import type { Site } from '../site.ts';
import type { LiveOperations } from './operations.ts';

/** Of one process. */
const MAX_CONNECTIONS = 500;
/** Of one connection. */
const MAX_SUBSCRIPTIONS = 50;
/** Milliseconds between two signs of life. */
const PING = 12_000;

/**
 * Subscriptions by WebSocket at `/graphql` (graphql-transport-ws), until `stopping`. Browsers cannot send a header with it:
 * who may read shows it by `authorization` in `connectionParams`, else the connection is closed with 4403.
 */
export function serveWebSocket(
  server: Server,
  operations: LiveOperations,
  { access, site, stopping }: { access: Access; site: Site; stopping: AbortSignal },
): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY });
  const service = useServer(
    {
      onConnect: ({ connectionParams }) => access.mayRead(authorizationIn(connectionParams)),
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
  function refuse(request: IncomingMessage): string | null {
    if ((request.url ?? '').replace(/\?.*/, '') !== '/graphql') return '404 Not Found';
    if (stopping.aborted || sockets.clients.size >= MAX_CONNECTIONS) return '503 Service Unavailable';
    return site.answersTo(request) && site.allowsSocket(request) ? null : '403 Forbidden';
  }
}

function authorizationIn(params: Record<string, unknown> = {}): string | null {
  const given = params.authorization ?? params.Authorization;
  return typeof given === 'string' ? given : null;
}

const tooMany = () =>
  new GraphQLError(`A connection may have ${MAX_SUBSCRIPTIONS} subscriptions. End some of them first.`, {
    extensions: { code: 'TOO_COSTLY' },
  });
