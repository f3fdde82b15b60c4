import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLoopback, readSettings } from '../../config.ts';

/** Which server, as whom. */
export interface ServerOptions {
  server?: string;
  token?: string;
}

/** A server's API. */
export interface Client {
  /** Its address, without a slash at the end. */
  url: string;
  /** The header that shows who asks; null without a token. */
  authorization: string | null;
  /** The `data` of an operation. Throws a `ServerError`, or an Error that says that the server cannot be reached. */
  // biome-ignore lint/suspicious/noExplicitAny: what GraphQL answers has the shape of the question
  ask(query: string, variables?: Record<string, unknown>): Promise<any>;
}

/** What the server answered instead of data. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Milliseconds for one answer; a search takes far less. */
const PATIENCE = 60_000;

export function createClient({ server, token }: ServerOptions): Client {
  const settings = readSettings();
  const url = (server ?? settings.server).replace(/\/+$/, '');
  const secret =
    token ?? settings.adminToken ?? keptToken(url, settings.dataDir) ?? settings.readToken ?? null;
  const authorization = secret === null ? null : `Bearer ${secret}`;
  return {
    url,
    authorization,
    async ask(query, variables = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(PATIENCE),
      }).catch((cause) => {
        throw new Error(`There is no answer from ${url}. Is the server running? (--server, CLIPQL_URL)`, {
          cause,
        });
      });
      const text = await response.text();
      const error = errorIn(text);
      if (error) throw error;
      try {
        return JSON.parse(text).data;
      } catch (cause) {
        throw new Error(`What answers at ${url} is not ClipQL. Check the address.`, { cause });
      }
    },
  };
}

/** The first error in an answer of a server; null when there is none. */
export function errorIn(text: string): ServerError | null {
  try {
    const { message, extensions } = JSON.parse(text).errors[0];
    const hint =
      extensions.code === 'UNAUTHENTICATED' ? ' Give it with --token, or set ADMIN_TOKEN or READ_TOKEN.' : '';
    return new ServerError(extensions.code, `${message}${hint}`);
  } catch {
    return null;
  }
}

/** The admin token of a server on this machine; others are never sent it. */
function keptToken(url: string, dataDir: string): string | null {
  try {
    if (!isLoopback(new URL(url).hostname)) return null;
    return readFileSync(join(dataDir, 'admin-token'), 'utf8').trim();
  } catch {
    return null;
  }
}
