import type { RequestHandler } from 'express';
import { ClipqlError } from '../errors.ts';
import { sendError } from './errors.ts';
import type { Site } from './site.ts';

/**
 * Refuses requests for names that are not ours: a page of a foreign site whose name was made to point at 127.0.0.1
 * (DNS rebinding) could otherwise read the library.
 */
export const ownNamesOnly =
  (site: Site): RequestHandler =>
  (request, response, next) => {
    if (site.answersTo(request)) return next();
    sendError(
      response,
      new ClipqlError(
        'HOST_NOT_ALLOWED',
        'This server answers to localhost, 127.0.0.1 and PUBLIC_URL only. Set PUBLIC_URL to the address that people reach it at, or HOST to serve others.',
      ),
    );
  };
