import { basename } from 'node:path';

/** Characters of a file's name. */
const MAX_NAME = 255;

/** A file's name as it can be kept and shown: the last part of a path, on one line; `fallback` when nothing is left. */
export function fileName(given: string | null | undefined, fallback: string): string {
  const name = basename(given ?? '').replace(/[\p{Cc}\p{Cs}]/gu, '');
  return name.slice(0, MAX_NAME) || fallback;
}
