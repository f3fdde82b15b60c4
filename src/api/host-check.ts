import type { RequestHandler } from 'express';
import { isLoopback } from '../config.ts';
import { ClipqlError } from '../errors.ts';
import { sendError } from './errors.ts';

/**
 * On loopback only loopback names may be asked for: a page of a foreign site whose name was made to point at 127.0.0.1
 * (DNS rebinding) could otherwise read the library.
 */
export const loopbackHostOnly: RequestHandler = (request, response, next) => {
  const name = (request.headers.host ?? '').replace(/:\d*$/, '');
  if (isLoopback(name)) return next();
  sendError(
    response,
    new ClipqlError(
      'HOST_NOT_ALLOWED',
      'This server answers to localhost and 127.0.0.1 only. Set HOST to serve others.',
    ),
  );
};
