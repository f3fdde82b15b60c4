import { createServer, type Server } from 'node:http';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express, { type Express } from 'express';
import type { Database } from '../db/database.ts';
import { type Access, mutationsNeedToken, readersOnly } from './auth.ts';
import { type Context, clientGone, type Services } from './context.ts';
import { cors, embeddable } from './cors.ts';
import { errorHandler, formatError, methodNotAllowed, notFound } from './errors.ts';
import { graphiql } from './graphiql.ts';
import { health } from './health.ts';
import { ownNamesOnly } from './host-check.ts';
import { costLimits, MAX_BODY, MAX_TOKENS } from './limits.ts';
import { eventStream } from './live/event-stream.ts';
import { createLiveOperations, noSubscriptions } from './live/operations.ts';
import { serveWebSocket } from './live/web-socket.ts';
import { mediaRoutes } from './media-routes.ts';
import { metricsRoute } from './metrics-route.ts';
import { page, pageNotFound } from './page.ts';
import { buildApiSchema } from './schema.ts';
import { graphiqlPolicy, securityHeaders } from './security-headers.ts';
import { createSite, type Site, type SiteSettings } from './site.ts';
import { uploadRoutes } from './uploads.ts';

export interface ServerParts {
  services: Services;
  db: Database;
  access: Access;
  settings: SiteSettings;
  /** Aborted when the process stops: what goes on for long is ended then. */
  stopping: AbortSignal;
}

export interface ApiServerParts extends ServerParts {
  /** Bytes of one upload. */
  maxUpload: number;
}

/** Milliseconds a connection may be silent; longer than any search or classification takes. */
const MAX_SILENCE = 10 * 60 * 1000;

/** The HTTP server, not yet listening: the page, GraphQL, GraphiQL, uploads, media, health and metrics. */
export async function createApiServer(parts: ApiServerParts): Promise<Server> {
  const { services, access, settings, maxUpload } = parts;
  const schema = buildApiSchema();
  const apollo = new ApolloServer<Context>({
    schema,
    introspection: true,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    formatError: formatError(services.log),
    plugins: [noSubscriptions, mutationsNeedToken, costLimits(schema)],
    stopOnTerminationSignals: false,
  });
  await apollo.start();

  const { app, site } = createHttpApp(parts);
  app.use(page());
  app.use(['/graphql', '/uploads', '/videos'], cors(site));
  if (site.shared) app.use('/videos', embeddable);
  app.use(uploadRoutes(services.store.uploads, access, maxUpload, services.log)); // before any body parser
  app.use(mediaRoutes(services.store, access));
  app.use(graphiql(graphiqlPolicy(settings.publicUrl)));
  app.use('/graphql', readersOnly(access));
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
        admin: access.isAdmin(req.headers.authorization),
        signal: clientGone(res),
      }),
    }),
  );
  app.use(pageNotFound);
  const server = createHttpServer(app, services);
  server.on('close', () => void apollo.stop());
  serveWebSocket(server, operations, { access, site, stopping: parts.stopping });
  return server;
}

/** The HTTP server of a process that only ingests: health and metrics. */
export function createWorkerServer(parts: ServerParts): Server {
  return createHttpServer(createHttpApp(parts).app, parts.services);
}

/** What every process of ClipQL answers to. */
function createHttpApp({ services, db, access, settings }: ServerParts): { app: Express; site: Site } {
  const app = express();
  app.disable('x-powered-by');
  if (settings.trustProxy !== null) app.set('trust proxy', settings.trustProxy);
  const site = createSite(settings, app.get('trust proxy fn'));
  app.use(securityHeaders(settings.publicUrl));
  app.use(ownNamesOnly(site));
  app.use(health(db, services.models));
  app.use(metricsRoute(services.metrics, access));
  return { app, site };
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
