import type { RequestHandler } from 'express';
import type { Site } from './site.ts';

const METHODS = 'GET, HEAD, POST, PATCH, DELETE, OPTIONS';
/** What a page's script may read beside what it always may: of uploads, byte ranges and refusals. */
const EXPOSED =
  'Location, Upload-Offset, Upload-Length, Upload-Metadata, Upload-Defer-Length, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Content-Range, Accept-Ranges, ETag, Allow, WWW-Authenticate';
/** Seconds a browser need not ask again; Chromium takes no more. */
const PREFLIGHT_GOOD_FOR = 2 * 60 * 60;

/**
 * Lets pages of allowed origins use what follows, and answers all preflights, which carry no token. Credentials of the
 * browser's own (cookies) are never allowed: tokens are headers, which a page must know to send.
 */
export function cors({ allows }: Site): RequestHandler {
  return ({ method, headers }, response, next) => {
    const { origin } = headers;
    const allowed = origin !== undefined && allows(origin);
    response.vary('Origin');
    if (allowed) {
      response.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED });
    }
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return next();
    if (allowed) {
      response.set({
        'Access-Control-Allow-Methods': METHODS,
        // Whatever it asks for: clients have headers of their own, and no header of ours may be kept from them.
        'Access-Control-Allow-Headers': headers['access-control-request-headers'] ?? '',
        'Access-Control-Max-Age': `${PREFLIGHT_GOOD_FOR}`,
      });
    }
    response.vary('Access-Control-Request-Headers').status(204).end();
  };
}

/** Lets pages of other origins show pictures and videos, which they load without CORS. */
export const embeddable: RequestHandler = (_request, response, next) => {
  response.set('Cross-Origin-Resource-Policy', 'cross-origin');
  next();
};
