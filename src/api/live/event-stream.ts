import express, { type Response, Router } from 'express';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { createHandler } from 'graphql-sse/lib/use/express';
import { ClipqlError } from '../../errors.ts';
import { methodNotAllowed, sendError } from '../errors.ts';
import { MAX_BODY } from '../limits.ts';
import type { LiveOperations, LiveRequest } from './operations.ts';

/** Of one process. */
const MAX_STREAMS = 500;

/** Subscriptions by server-sent events at `/graphql/stream` (graphql-sse, a connection each), until `stopping`. */
export function eventStream(operations: LiveOperations, stopping: AbortSignal): Router {
  const open = new Set<Response>();
  stopping.addEventListener('abort', () => {
    for (const response of open) response.destroy();
  });
  const handle = createHandler<Record<PropertyKey, unknown>>({
    authenticate: () => null, // each subscription has a connection of its own
    onSubscribe: (_request, params) => {
      try {
        const args = operations.prepare(params as LiveRequest);
        return { ...args, contextValue: { ...args.contextValue } };
      } catch (error) {
        return { data: null, errors: [error as GraphQLError] };
      }
    },
    onNext: (_context, _request, result) => operations.mask(result as ExecutionResult) as ExecutionResult,
  });

  const bad = (message: string) => new ClipqlError('BAD_USER_INPUT', message);
  const router = Router();
  router.use('/graphql/stream', express.json({ limit: MAX_BODY }), async (request, response) => {
    // A connection for many subscriptions, made by PUT, would be kept for a client that never comes.
    if (!['GET', 'POST'].includes(request.method) || request.headers['x-graphql-event-stream-token']) {
      return methodNotAllowed(response, 'GET, POST');
    }
    if (stopping.aborted || open.size >= MAX_STREAMS) {
      const message = 'There are too many open streams. Try again later.';
      return sendError(response, new ClipqlError('TOO_COSTLY', message));
    }
    if (request.headers.accept !== 'text/event-stream') {
      return sendError(
        response,
        bad('Subscriptions are streamed: send the header "Accept: text/event-stream".'),
      );
    }
    if (typeof (request.method === 'GET' ? request.query : request.body)?.query !== 'string') {
      return sendError(response, bad('The request has no `query`.'));
    }
    open.add(response);
    response.on('close', () => open.delete(response));
    await handle(request, response);
  });
  return router;
}
