import { realpathSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { delimiter, isAbsolute } from 'node:path';
import { z } from 'zod';

/** A TCP port; 0 lets the system choose. */
export const port = z
  .string()
  .regex(/^\d+$/)
  .transform(Number)
  .refine((value) => value <= 65_535);

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Folders that exist, as their real paths. */
export const folders = z
  .string()
  .transform((list) => list.split(delimiter).filter((path) => path !== ''))
  .refine((paths) => paths.every((path) => isAbsolute(path) && isFolder(path)))
  .transform((paths) => paths.map((path) => realpathSync(path)));

const UNITS: Record<string, number> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** `1000000`, or with a binary unit: `500M`. In bytes. */
export const byteCount = z
  .string()
  .regex(/^[1-9]\d*[KMGT]?$/)
  .transform((size) => Number.parseInt(size, 10) * (UNITS[size.slice(-1)] ?? 1))
  .refine(Number.isSafeInteger);

/** `*`, or a name, an address or an IPv6 address in brackets, with a port or without. */
const HOST_ENTRY = /^(\*|([\p{L}\p{N}._-]+|\[[\da-f:.]+\])(:\d{1,5})?)$/iu;

/** Hosts, as `media/download/host-list.ts` understands them. */
export const hostList = z
  .string()
  .transform((list) => list.split(',').map((host) => host.trim()))
  .refine((list) =>
    list.every((host) => HOST_ENTRY.test(host) && (host === '*' || URL.canParse(`http://${host}`))),
  );

/** Scheme, host and perhaps a port, and nothing after them. */
const ORIGIN = /^https?:\/\/([\p{L}\p{N}._-]+|\[[\da-f:.]+\])(:\d{1,5})?$/iu;

const isOrigin = (text: string): boolean => ORIGIN.test(text) && URL.canParse(text);

/** Where people reach a server, as browsers write an origin: lower case, no default port, no slash at the end. */
export const publicOrigin = z
  .string()
  .transform((address) => address.replace(/\/$/, ''))
  .refine(isOrigin)
  .transform((address) => new URL(address).origin);

/** Origins as browsers write them; `*` stands for any. */
export const originList = z
  .string()
  .transform((list) => list.split(',').map((origin) => origin.trim()))
  .refine((list) => list.every((origin) => origin === '*' || isOrigin(origin)))
  .transform((list) => list.map((origin) => (origin === '*' ? origin : new URL(origin).origin)));

/** A secret that goes into a header. */
export const accessToken = z.string().regex(/^[\x21-\x7e]{16,}$/);

/** Names that express knows for ranges of addresses. */
const PROXY_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

function isProxy(entry: string): boolean {
  if (PROXY_RANGES.includes(entry)) return true;
  const [address = '', bits, ...rest] = entry.split('/');
  const most = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  if (most === 0 || address.includes('%') || rest.length > 0) return false;
  return bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most);
}

/** How many proxies stand before the server, or their addresses, as express takes them. Never all addresses. */
export const trustedProxies = z.union([
  z
    .string()
    .regex(/^[1-9]\d?$/)
    .transform(Number),
  z
    .string()
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .refine((list) => list.every(isProxy)),
]);

/** A token of the hub, which goes into a header. */
export const hubToken = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]+$/);

/** A proxy's address; `host:port` means what it does to other programs. */
export const proxy = z
  .string()
  .transform((address) => (address.includes('://') ? address : `http://${address}`))
  .pipe(z.url({ protocol: /^https?$/ }));
