import { unwrapResolverError } from '@apollo/server/errors';
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { ClipqlError, ERRORS, type ErrorCode, toClipqlError } from '../errors.ts';
import { MAX_BODY } from './limits.ts';

/** Characters of a message; validation errors echo what they were given. */
const MAX_MESSAGE = 1000;

/** Codes of Apollo's own that are not in our table. */
const APOLLO_CODES: Record<string, ErrorCode> = {
  BAD_REQUEST: 'BAD_USER_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_USER_INPUT',
  PERSISTED_QUERY_NOT_FOUND: 'BAD_USER_INPUT',
  PERSISTED_QUERY_NOT_SUPPORTED: 'BAD_USER_INPUT',
  INTERNAL_SERVER_ERROR: 'INTERNAL',
};

const trim = (message: string) =>
  message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message;

/** Logs what clients see as `INTERNAL` only. */
function logInternal(log: Logger, { cause }: ClipqlError): void {
  if (cause instanceof Error && cause.name === 'AbortError') return; // the client has gone
  log.error({ err: cause }, 'a request failed');
}

/** What a client sees of an error of GraphQL: `message`, `locations`, `path` and `extensions.code`, nothing internal. */
export function formatError(log: Logger) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { message, locations, path } = formatted;
    const where = { ...(locations && { locations }), ...(path && { path }) };
    const original = unwrapResolverError(error);
    const given = String(formatted.extensions?.code);
    const code = Object.hasOwn(ERRORS, given) ? (given as ErrorCode) : APOLLO_CODES[given];
    if (original instanceof GraphQLError && code && code !== 'INTERNAL') {
      return { message: trim(message), ...where, extensions: { code } };
    }
    const coded = toClipqlError(original);
    if (coded.code === 'INTERNAL') logInternal(log, coded);
    return { message: coded.message, ...where, extensions: { code: coded.code, ...coded.details } };
  };
}

/** What goes with every 401: how to show who one is. */
export const BEARER = { 'WWW-Authenticate': 'Bearer' };

/** Answers a plain HTTP request with an error, in the shape that GraphQL errors have. */
export function sendError(response: Response, error: ClipqlError): void {
  if (error.status === 401) response.set(BEARER);
  response
    .status(error.status)
    .json({ errors: [{ message: error.message, extensions: { code: error.code, ...error.details } }] });
}

/** Refuses a method that a route does not take. */
export function methodNotAllowed(response: Response, allowed: string): void {
  const message = `This address takes ${allowed} only.`;
  response.status(405).set('Allow', allowed);
  response.json({ errors: [{ message, extensions: { code: 'BAD_USER_INPUT' } }] });
}

/** Everything that is no route. */
export const notFound: RequestHandler = (_request, response) =>
  sendError(response, new ClipqlError('NOT_FOUND', 'There is nothing here. The API is at /graphql.'));

/** What express and its body parser throw, as JSON. */
function httpError(error: unknown): ClipqlError {
  if (error instanceof ClipqlError) return error;
  const { status, type } = error as { status?: unknown; type?: unknown };
  if (type === 'entity.too.large') {
    return new ClipqlError(
      'PAYLOAD_TOO_LARGE',
      `The request is larger than ${MAX_BODY / 1024} KiB. Send less at once.`,
    );
  }
  if (type === 'entity.parse.failed') {
    return new ClipqlError('BAD_USER_INPUT', 'The request is not valid JSON.');
  }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ClipqlError(
      'BAD_USER_INPUT',
      'The request cannot be read. Check its address, encoding and headers.',
    );
  }
  return toClipqlError(error);
}

/** The last error handler of the app: JSON instead of express's HTML page. */
export function errorHandler(log: Logger): ErrorRequestHandler {
  return (error, _request, response, next) => {
    const coded = httpError(error);
    if (coded.code === 'INTERNAL') logInternal(log, coded);
    if (response.headersSent)
      next(error); // ends the connection
    else sendError(response, coded);
  };
}
