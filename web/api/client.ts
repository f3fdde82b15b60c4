import { computed } from '@preact/signals';
import {
  Client,
  type CombinedError,
  cacheExchange,
  fetchExchange,
  mapExchange,
  type Operation,
  subscriptionExchange,
} from '@urql/core';
import { createClient as createWebSocket } from 'graphql-ws/client';
import { connectionLost, generation } from './connection.ts';
import { askFor, bearer, token } from './session.ts';

/** Milliseconds between two attempts to open the WebSocket again. */
const RETRY_EVERY = 2000;
/** By which the server refuses a WebSocket without a good token. */
const FORBIDDEN = 4403;

export const isUnauthenticated = (error: CombinedError | undefined): boolean =>
  error?.graphQLErrors.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED') ?? false;

/** Whether the server did not answer at all. */
export const isUnreached = ({ networkError, response }: CombinedError): boolean =>
  networkError !== undefined && !response;

/** What went wrong with something a person did: the server's own words where it answered. */
export const plainly = (error: CombinedError): string =>
  error.graphQLErrors[0]?.message ?? 'The server does not answer. Try again when it does.';

/** The GraphQL client; a new one, which asks everything again, with another token or in another generation. */
export const client = computed(() => {
  generation.value; // makes it depend on it
  return createClient(token.value);
});

function createClient(withToken: string | null): Client {
  const socket = createWebSocket({
    url: `${location.origin.replace(/^http/, 'ws')}/graphql`,
    connectionParams: bearer(withToken),
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, RETRY_EVERY)),
    shouldRetry: (event) => (event as CloseEvent).code !== FORBIDDEN,
    on: {
      closed: (event) => {
        if (!(event as CloseEvent).wasClean) connectionLost();
      },
    },
  });

  const begun = new Map<number, number>();
  return new Client({
    url: '/graphql',
    fetchOptions: { headers: bearer(withToken) },
    preferGetMethod: false,
    requestPolicy: 'cache-and-network', // what is known at once, and what has changed since
    exchanges: [
      mapExchange({
        onError(error, { kind }) {
          if (isUnauthenticated(error)) askFor(kind === 'mutation' ? 'ADMIN' : 'READ');
          else if (isUnreached(error)) connectionLost();
        },
      }),
      cacheExchange,
      mapExchange({
        onOperation: ({ kind, key }: Operation) => {
          if (kind === 'query') begun.set(key, performance.now());
        },
        onResult: (result) => {
          const since = begun.get(result.operation.key);
          begun.delete(result.operation.key);
          const milliseconds = since === undefined ? undefined : performance.now() - since;
          return { ...result, extensions: { ...result.extensions, milliseconds } };
        },
      }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query: query ?? '', variables }, sink),
          }),
        }),
      }),
    ],
  });
}
