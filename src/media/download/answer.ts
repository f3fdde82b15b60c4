import { parse } from 'content-disposition';
import type { Dispatcher } from 'undici';
import { ClipqlError } from '../../errors.ts';
import { fileName } from '../file-name.ts';
import type { KeptDownload } from './kept-download.ts';
import { percentDecoded } from './percent-decoded.ts';

/** What the headers of an answer say. */
export interface Answer {
  file: KeptDownload;
  /** At which of its bytes the body begins; NaN: not said. */
  start: number;
}

/** Reads the headers of an answer with (a part of) a file. Throws `NOT_A_VIDEO` for a packed body, which may grow without bound. */
export function describeAnswer({ statusCode, headers }: Dispatcher.ResponseData, url: URL): Answer {
  const header = (name: string) => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  if (!/^(identity)?$/i.test(header('content-encoding') ?? '')) {
    throw new ClipqlError(
      'NOT_A_VIDEO',
      `${url.hostname} sends this file packed, although asked not to. Give a link to the file as it is.`,
    );
  }
  const [, start, whole] = /^bytes (\d+)-\d+\/(\d+)$/.exec(header('content-range') ?? '') ?? [];
  const length = statusCode === 206 ? whole : header('content-length');
  return {
    start: statusCode === 206 ? Number(start) : 0,
    file: {
      downloaded: { name: nameOf(header('content-disposition'), url), title: null, metadata: {} },
      validator: validatorOf(header),
      total: length === undefined ? null : Number(length),
    },
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
  return fileName(given || percentDecoded(url.pathname), url.hostname);
}
