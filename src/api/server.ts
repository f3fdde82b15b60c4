import { createServer, type Server } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Database } from '../db/database.ts';
import { carriesToken, mutationsNeedToken } from './auth.ts';
import { type Context, clientGone, type Services } from './context.ts';
import { errorHandler, formatError, methodNotAllowed, notFound } from './errors.ts';
import { graphiql } from './graphiql.ts';
import { health } from './health.ts';
import { loopbackHostOnly } from './host-check.ts';
import { costLimits, MAX_BODY, MAX_TOKENS } from './limits.ts';
import { eventStream } from './live/event-stream.ts';
import { createLiveOperations } from './live/operations.ts';
import { serveWebSocket } from './live/web-socket.ts';
import { mediaRoutes } from './media-routes.ts';
import { metricsRoute } from './metrics-route.ts';
import { buildApiSchema } from './schema.ts';
import { uploadRoutes } from './uploads.ts';

export interface ServerParts {
  services: Services;
  db: Database;
  /** Answer to loopback names only. */
  loopback: boolean;
  /** Aborted when the process stops: what goes on for long is ended then. */
  stopping: AbortSignal;
}

export interface ApiServerParts extends ServerParts {
  adminToken: string;
  /** Bytes of one upload. */
  maxUpload: number;
}

/** Milliseconds a connection may be silent; longer than any search or classification takes. */
const MAX_SILENCE = 10 * 60 * 1000;

/** Headers for pages of ours: everything from this server, no frames; GraphiQL's editor needs styles of its own. */
const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false, // they upgrade to HTTPS, which a plain server does not speak
    directives: {
      'default-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:'],
      'font-src': ["'self'", 'data:'],
      'object-src': ["'none'"],
      'base-uri': ["'none'"],
      'frame-ancestors': ["'none'"],
    },
  },
  strictTransportSecurity: false,
  xFrameOptions: { action: 'deny' },
});

/** The HTTP server, not yet listening: GraphQL, GraphiQL, uploads, media, health and metrics. */
export async function createApiServer(parts: ApiServerParts): Promise<Server> {
  const { services, adminToken, maxUpload } = parts;
  const schema = buildApiSchema();
  const apollo = new ApolloServer<Context>({
    schema,
    introspection: true,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    formatError: formatError(services.log),
    plugins: [mutationsNeedToken, costLimits(schema)],
    stopOnTerminationSignals: false,
  });
  await apollo.start();

  const app = createHttpApp(parts);
  app.use(uploadRoutes(services.store.uploads, adminToken, maxUpload, services.log)); // before any body parser
  app.use(mediaRoutes(services.store));
  app.get('/', (_request, response) => response.redirect('/graphql'));
  app.use(graphiql());
  const operations = createLiveOperations(schema, services);
  app.use(eventStream(operations, parts.stopping));
  app.all('/graphql', (request, response, next) => {
    if (['GET', 'HEAD', 'POST'].includes(request.method)) next();
    else methodNotAllowed(response, 'GET, HEAD, POST');
  });
  app.use(
    '/graphql',
    express.json({ limit: MAX_BODY, strict: false }),
    expressMiddleware(apollo, {
      context: async ({ req, res }) => ({
        services,
        admin: carriesToken(req.headers.authorization, adminToken),
        signal: clientGone(res),
      }),
    }),
  );
  const server = createHttpServer(app, services);
  server.on('close', () => void apollo.stop());
  serveWebSocket(server, operations, parts);
  return server;
}

/** The HTTP server of a process that only ingests: health and metrics. */
export function createWorkerServer(parts: ServerParts): Server {
  return createHttpServer(createHttpApp(parts), parts.services);
}

/** What every process of ClipQL answers to. */
function createHttpApp({ services, db, loopback }: ServerParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders);
  if (loopback) app.use(loopbackHostOnly);
  app.use(health(db, services.models));
  app.use(metricsRoute(services.metrics));
  return app;
}

/** @param app complete but for what answers when none of its routes does */
function createHttpServer(app: Express, { log }: Services): Server {
  app.use(notFound);
  app.use(errorHandler(log));
  // A large upload takes as long as it takes: what ends a request is a silent connection, not its age.
  const server = createServer({ requestTimeout: 0, headersTimeout: 60_000 }, app);
  server.setTimeout(MAX_SILENCE);
  return server;
}
