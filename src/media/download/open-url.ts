import { type Agent, type Dispatcher, request } from 'undici';
import { ClipqlError } from '../../errors.ts';
import { checkHop } from './check-url.ts';
import { percentDecoded } from './percent-decoded.ts';
import type { DownloadSettings } from './types.ts';

const MAX_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];
/** Milliseconds until the answer begins. */
const HEADERS_TIMEOUT = 30_000;

/** The answer to a GET, and the address that gave it. */
export interface Opened {
  response: Dispatcher.ResponseData;
  url: URL;
}

/**
 * Asks for `start` and follows redirects, each hop checked as the first. Credentials in the URL go to its own origin
 * alone. Throws `SOURCE_NOT_ALLOWED` for a hop that is not allowed or leaves https, `BAD_USER_INPUT` for a chain without
 * an end, and what undici throws.
 * @param idle milliseconds without a byte after which the answer is broken off
 */
export async function openUrl(
  settings: DownloadSettings,
  start: string,
  {
    agent,
    headers,
    idle,
    signal,
  }: { agent: Agent; headers: Record<string, string>; idle: number; signal: AbortSignal },
): Promise<Opened> {
  const first = new URL(start);
  let url = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    checkHop(settings, url);
    const response = await request(`${url.origin}${url.pathname}${url.search}`, {
      ...{ dispatcher: agent, signal, headersTimeout: HEADERS_TIMEOUT, bodyTimeout: idle },
      headers: {
        'user-agent': 'clipql',
        accept: '*/*',
        'accept-encoding': 'identity',
        ...headers,
        ...(url.origin === first.origin ? authorization(first) : {}),
      },
    });
    response.body.on('error', () => {}); // Whoever reads it sees its errors; unread, it would end the process.
    const location = response.headers.location;
    if (!REDIRECTS.includes(response.statusCode) || typeof location !== 'string') return { response, url };
    response.body.destroy();
    url = nextHop(url, location);
  }
  throw new ClipqlError(
    'BAD_USER_INPUT',
    `The link was redirected more than ${MAX_REDIRECTS} times. Check that it leads to a file.`,
  );
}

function nextHop(from: URL, location: string): URL {
  if (!URL.canParse(location, from)) {
    throw new ClipqlError('SOURCE_NOT_ALLOWED', 'The link is redirected to something that is no address.');
  }
  const to = new URL(location, from);
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new ClipqlError(
      'SOURCE_NOT_ALLOWED',
      'The link is redirected from https to http, which is not followed.',
    );
  }
  return to;
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${percentDecoded(username)}:${percentDecoded(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
