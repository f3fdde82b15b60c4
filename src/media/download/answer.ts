import { parse } from 'content-disposition';
import type { Dispatcher } from 'undici';
import { ClipqlError } from '../../errors.ts';
import { fileName } from './file-name.ts';
import type { KeptDownload } from './kept-download.ts';

/** What the headers of an answer say of the file, and at which of its bytes the body begins (null: not said). */
export type Answer = KeptDownload & { start: number | null };

/** Reads the headers of a 200 or 206. Throws `NOT_A_VIDEO` for a packed body, which may grow without bound. */
export function describeAnswer({ statusCode, headers }: Dispatcher.ResponseData, url: URL): Answer {
  const header = (name: string) => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  if (!/^(identity)?$/i.test(header('content-encoding') ?? '')) {
    throw new ClipqlError(
      'NOT_A_VIDEO',
      `${url.hostname} sends this file packed (${header('content-encoding')}), although asked not to.`,
    );
  }
  const part = /^bytes (\d+)-\d+\/(\d+)$/.exec(header('content-range') ?? '');
  const length = header('content-length');
  const partial = statusCode === 206;
  return {
    downloaded: { name: nameOf(header('content-disposition'), url), title: null, metadata: {} },
    validator: validatorOf(header),
    start: partial ? (part ? Number(part[1]) : null) : 0,
    total: partial ? (part ? Number(part[2]) : null) : length === undefined ? null : Number(length),
  };
}

/** What the same bytes can be recognised by: a strong tag, or a time of change that is not too recent (RFC 9110, 8.8). */
function validatorOf(header: (name: string) => string | undefined): string | null {
  const etag = header('etag');
  if (etag?.startsWith('"')) return etag;
  const modified = header('last-modified') ?? '';
  return Date.parse(header('date') ?? '') - Date.parse(modified) >= 1000 ? modified : null;
}

function nameOf(disposition: string | undefined, url: URL): string {
  const given = disposition === undefined ? undefined : parse(disposition).parameters.filename;
  return fileName(given || decoded(url.pathname), url.hostname);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
