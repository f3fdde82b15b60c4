import { fileURLToPath } from 'node:url';
import express, { type RequestHandler, Router } from 'express';

const BUNDLE = fileURLToPath(new URL('../graphiql/', import.meta.url)); // dist/graphiql, built by vite

/**
 * GraphiQL for browsers that open /graphql, and its files under /graphiql/assets/. All else on /graphql is for the API.
 * @param policy sets the Content-Security-Policy that its page needs
 */
export function graphiql(policy: RequestHandler): Router {
  const router = Router();
  router.use(
    '/graphiql/assets',
    express.static(`${BUNDLE}assets`, { index: false, immutable: true, maxAge: '1y', redirect: false }),
  );
  const browsersOnly: RequestHandler = (request, _response, next) => {
    const wants = request.accepts(['application/json', 'application/graphql-response+json', 'text/html']);
    if (wants === 'text/html' && request.query.query === undefined) next();
    else next('route');
  };
  router.get('/graphql', browsersOnly, policy, (_request, response) => {
    // It names the files of the latest build; programs get something else at this address.
    response.set('Cache-Control', 'no-cache').vary('Accept');
    response.sendFile('index.html', { root: BUNDLE, cacheControl: false });
  });
  return router;
}
