import { createHmac, timingSafeEqual } from 'node:crypto';

/** Seconds that a URL is good for at least. */
const GOOD_FOR = 6 * 60 * 60;
/** Seconds in which a path keeps its URL, so that browsers can keep its picture. */
const SAME_FOR = 5 * 60;

/** Signs paths, so that who has the URL may read it for a while. What one process signs, all with the same token take. */
export interface UrlSigner {
  /** The path with `?expires=<Unix seconds>&signature=…`. `now` in milliseconds. */
  sign(path: string, now?: number): string;
  /** What the query of a request for this path is worth; parameters beside these two do not matter. */
  check(path: string, query: Record<string, unknown>, now?: number): 'good' | 'expired' | 'bad';
}

/** @param secret what the key is derived from, and cannot be found out by the signatures */
export function createUrlSigner(secret: string): UrlSigner {
  const key = createHmac('sha256', secret).update('clipql media urls').digest();
  const signature = (path: string, expires: string): string =>
    createHmac('sha256', key).update(`${path}\n${expires}`).digest('base64url');

  return {
    sign(path, now = Date.now()) {
      const expires = String(Math.ceil((now / 1000 + GOOD_FOR) / SAME_FOR) * SAME_FOR);
      return `${path}?expires=${expires}&signature=${signature(path, expires)}`;
    },

    check(path, { expires, signature: given }, now = Date.now()) {
      if (typeof expires !== 'string' || typeof given !== 'string') return 'bad';
      if (!equal(given, signature(path, expires))) return 'bad';
      return Number(expires) * 1000 > now ? 'good' : 'expired'; // a number: it was signed here
    },
  };
}

/** Takes as long for a wrong text as for the right one. */
function equal(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
