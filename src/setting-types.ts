import { realpathSync, statSync } from 'node:fs';
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
