import { fileURLToPath } from 'node:url';
import compression from 'compression';
import express, { type RequestHandler, type Response, Router } from 'express';

const BUNDLE = fileURLToPath(new URL('../page/', import.meta.url)); // dist/page, built by vite

/** The addresses that the page knows views for (web/app.tsx). */
const VIEWS = ['/', '/videos/:id', '/ingest', '/model'];

/** The page: the same document for each of its views, and its files under /page/assets/. */
export function page(): Router {
  const router = Router();
  router.use(
    '/page/assets',
    compression(),
    express.static(`${BUNDLE}assets`, { index: false, immutable: true, maxAge: '1y', redirect: false }),
  );
  router.get(VIEWS, compression(), (_request, response) => sendPage(response));
  return router;
}

/** Answers with the page, which says that there is nothing, to a person who opened an address that is nowhere. */
export const pageNotFound: RequestHandler = (request, response, next) => {
  const asksForPage = request.accepts(['json', 'html']) === 'html'; // `*/*` is a program: JSON
  if (['GET', 'HEAD'].includes(request.method) && asksForPage) sendPage(response.status(404));
  else next();
};

function sendPage(response: Response): void {
  response.set('Cache-Control', 'no-cache'); // it names the files of the latest build
  response.sendFile('index.html', { root: BUNDLE, cacheControl: false });
}
