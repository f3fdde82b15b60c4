import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

const BUNDLE = fileURLToPath(new URL('../graphiql/', import.meta.url)); // dist/graphiql, built by vite

/** GraphiQL for browsers that open /graphql, and its files under /graphiql/. All else on /graphql is for the API. */
export function graphiql(): Router {
  const router = Router();
  router.use(
    '/graphiql',
    express.static(BUNDLE, { index: false, immutable: true, maxAge: '1y', redirect: false }),
  );
  router.get('/graphql', (request, response, next) => {
    const wants = request.accepts(['application/json', 'application/graphql-response+json', 'text/html']);
    if (wants !== 'text/html' || request.query.query !== undefined) return next();
    response.sendFile('index.html', { root: BUNDLE, cacheControl: false });
  });
  return router;
}
