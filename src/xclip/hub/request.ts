import * as undici from 'undici';
import { dispatcherOf } from './dispatcher.ts';
import type { Hub } from './hub.ts';
import { HubError, Interruption } from './hub-error.ts';
import { type Patience, patiently } from './patience.ts';
import { watchdog } from './watchdog.ts';

/**
 * One request to the hub, with its token. Redirects are followed; `fetch` leaves the token behind when one
 * leads to another origin (https://fetch.spec.whatwg.org/#http-redirect-fetch, step 13).
 * @param what is asked for, for messages
 * @throws Interruption when another attempt may help, HubError when not
 */
export async function request(
  hub: Hub,
  url: string,
  what: string,
  init: undici.RequestInit,
): Promise<undici.Response> {
  const headers = new undici.Headers(init.headers);
  if (hub.token) headers.set('authorization', `Bearer ${hub.token}`);
  const response = await undici
    .fetch(url, { ...init, headers, dispatcher: dispatcherOf(hub) })
    .catch((cause) => {
      throw interrupted(hub, cause);
    });
  if (response.ok) return response;
  await response.body?.cancel();
  throw refusal(hub, what, response);
}

/** A `fetch` for the hub's client library: asks with patience, and resolves when the whole answer is there. */
export function patientFetch(hub: Hub, what: string, patience: Patience, signal?: AbortSignal): typeof fetch {
  const ask = async (url: string, init: undici.RequestInit) => {
    const watch = watchdog(patience.stall, signal);
    try {
      const response = await request(hub, url, what, { ...init, signal: watch.signal });
      const body = await response.arrayBuffer().catch((cause) => {
        throw interrupted(hub, cause);
      });
      return new Response(body, { status: response.status, headers: [...response.headers] });
    } finally {
      watch.end();
    }
  };
  return (url, init) => patiently(() => ask(String(url), init as undici.RequestInit), patience, { signal });
}

/** What a broken connection means. */
export function interrupted(hub: Hub, error: unknown): Interruption {
  const { name, cause } = error as Error;
  const reason =
    (cause as NodeJS.ErrnoException | undefined)?.code ?? (name === 'AbortError' ? 'silence' : '');
  const message = `The connection to the hub (${new URL(hub.endpoint).host}) does not hold${reason && ` (${reason})`}. Check the network${hub.proxies ? ' and the proxy (HTTPS_PROXY, HTTP_PROXY, NO_PROXY)' : ''}, or set HF_ENDPOINT to a mirror.`;
  return new Interruption(message, { cause: error });
}

function refusal(hub: Hub, what: string, { status, headers }: undici.Response): HubError {
  const host = new URL(hub.endpoint).host;
  if (status === 401 || status === 403) {
    const token = hub.token ? 'the token in use may not read it' : 'it may need a token';
    const message = `The hub (${host}) does not give out ${what} (${status}): ${token}, or there is no such model. Check the name; if it is gated, accept its terms on its page; set HF_TOKEN to a token that may read it.`;
    return new HubError(message, { retryable: false });
  }
  if (status === 404) {
    const missing = { RevisionNotFound: 'revision', EntryNotFound: 'file' }[
      headers.get('x-error-code') ?? ''
    ];
    const message = `The hub (${host}) has no ${what}: there is no such ${missing ?? 'model'}. Check the name.`;
    return new HubError(message, { retryable: false });
  }
  if (status === 408 || status === 429 || status >= 500) {
    const message = `The hub (${host}) cannot answer now (${status}). Try again later.`;
    return new Interruption(message, { after: retryAfter(headers) });
  }
  return new HubError(`The hub (${host}) answered ${what} with status ${status}.`, { retryable: false });
}

/** Milliseconds: the header holds seconds or a date (RFC 9110, 10.2.3). */
function retryAfter(headers: undici.Headers): number | null {
  const value = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}
