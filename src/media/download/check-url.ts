import { isIP } from 'node:net';
import { ClipqlError } from '../../errors.ts';
import { guardedLookup } from './guard.ts';
import { hostOf, isListed, portOf } from './host-list.ts';
import type { DownloadSettings } from './types.ts';

/** Characters; signed links of clouds have some 2,000. */
const MAX_URL = 8192;

/**
 * Checks what of a URL can be checked at once, without asking anybody, and returns its public name: without credentials,
 * query and fragment. Throws `BAD_USER_INPUT`, `SOURCE_NOT_ALLOWED`.
 */
export function checkUrl(settings: DownloadSettings, url: string): string {
  const parsed = url.length <= MAX_URL && URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      `\`url\` must be an address that begins with http:// or https:// and has at most ${MAX_URL} characters.`,
    );
  }
  if (!settings.ytdlp || !isListed(settings.ytdlp.hosts, parsed)) checkHop(settings, parsed);
  return `${parsed.origin}${parsed.pathname}`;
}

/** Throws `SOURCE_NOT_ALLOWED` unless this URL, given or redirected to, may be asked. Names are looked up later. */
export function checkHop({ hosts }: DownloadSettings, url: URL): void {
  if (!/^https?:$/.test(url.protocol)) {
    throw new ClipqlError(
      'SOURCE_NOT_ALLOWED',
      'The link leads to something that is neither http nor https.',
    );
  }
  if (!isListed(hosts, url)) {
    throw new ClipqlError(
      'SOURCE_NOT_ALLOWED',
      `The server may not fetch from ${url.hostname}. URL_HOSTS names the hosts it may ask.`,
    );
  }
  if (isIP(hostOf(url))) guardedLookup(hosts, hostOf(url), portOf(url));
}
