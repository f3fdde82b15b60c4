import type { IncomingMessage } from 'node:http';
import { isLoopback, type Settings } from '../config.ts';

export type SiteSettings = Pick<Settings, 'loopback' | 'publicUrl' | 'allowedOrigins' | 'trustProxy'>;

/** Under which names the server is reached, and which pages may use it. */
export interface Site {
  /** Whether the server answers to the names that the request asks for. */
  answersTo(request: IncomingMessage): boolean;
  /** Whether pages of this origin, which need not be ours, may use the API. */
  allows(origin: string): boolean;
  /** Whether the page that opens a WebSocket may: one of ours, under the name it was asked for, or one that is allowed. */
  allowsSocket(request: IncomingMessage): boolean;
  /** Whether pages of other origins than the server's may show its pictures and videos. */
  shared: boolean;
}

const WEB = new Set(['http:', 'https:']);

/** @param trusts whether a proxy at this address, the hop-th from here, is believed; express's `trust proxy fn` */
export function createSite(
  { loopback, publicUrl, allowedOrigins }: SiteSettings,
  trusts: (address: string, hop: number) => boolean,
): Site {
  const { hostname: publicName = null, host: publicHost = null } =
    publicUrl === null ? {} : new URL(publicUrl);
  const origins = new Set(publicUrl === null ? allowedOrigins : [publicUrl, ...allowedOrigins]);
  const allows = (origin: string): boolean => origins.has('*') || origins.has(origin);
  const isOurs = (host: string): boolean => {
    const name = host.replace(/:\d*$/, '');
    return isLoopback(name) || name.toLowerCase() === publicName;
  };

  /** The host a client asked for: what a trusted proxy says, else the header `Host`. */
  function hostOf({ headers, socket }: IncomingMessage): string {
    const forwarded = String(headers['x-forwarded-host'] ?? '')
      .split(',')[0]
      ?.trim();
    return forwarded && trusts(socket.remoteAddress ?? '', 0) ? forwarded : (headers.host ?? '');
  }

  return {
    // `Host` must be ours even if a proxy says more: a page can set any other header, also `X-Forwarded-Host`.
    answersTo: (request) => !loopback || (isOurs(request.headers.host ?? '') && isOurs(hostOf(request))),
    allows,
    allowsSocket(request) {
      const { origin } = request.headers;
      if (origin === undefined || allows(origin)) return true; // undefined: no page
      if (!URL.canParse(origin)) return false;
      const { protocol, host } = new URL(origin);
      // Of the public name one origin is ours, and is allowed above.
      return WEB.has(protocol) && host !== publicHost && host === hostOf(request).toLowerCase();
    },
    shared: origins.size > 0,
  };
}
