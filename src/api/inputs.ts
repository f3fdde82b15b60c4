import { ClipqlError } from '../errors.ts';
import type { VideoFilter } from '../store/types.ts';
import type { VideoFilterInput } from './types/inputs.ts';

const MAX_PAGE = 100;
const USUAL_PAGE = 20;
const MAX_IDS = 1000;

const bad = (message: string) => new ClipqlError('BAD_USER_INPUT', message);

/** The argument `first` of every list. */
export const FIRST = {
  nullable: true,
  defaultValue: USUAL_PAGE,
  description: `At most so many, 1 to ${MAX_PAGE}.`,
};

/** The length of a page; null is the usual one. Throws `BAD_USER_INPUT`. */
export function pageLength(first: number | null): number {
  const length = first ?? USUAL_PAGE;
  if (length >= 1 && length <= MAX_PAGE) return length;
  throw bad(`\`first\` must be from 1 to ${MAX_PAGE}, not ${length}.`);
}

/** A filter without its nulls. Throws `BAD_USER_INPUT` for text that PostgreSQL cannot hold, and too many ids. */
export function videoFilter(given: VideoFilterInput | null | undefined): VideoFilter {
  const filter: VideoFilter = {};
  if (given?.ids) filter.ids = given.ids;
  if (given?.sha256) filter.sha256 = given.sha256.map((hash) => hash.toLowerCase());
  if (given?.tags) filter.tags = given.tags;
  if (given?.title) filter.title = given.title;
  const texts = [...(filter.ids ?? []), ...(filter.sha256 ?? []), ...(filter.tags ?? []), filter.title ?? ''];
  if (texts.some((text) => /[\0\p{Cs}]/u.test(text))) {
    throw bad('`filter` holds text that is not valid Unicode, or a NUL character.');
  }
  for (const field of ['ids', 'sha256'] as const) {
    if ((filter[field]?.length ?? 0) > MAX_IDS) {
      throw bad(`\`filter.${field}\` may name at most ${MAX_IDS} videos.`);
    }
  }
  return filter;
}

/** Ids that are asked for one by one. Throws `BAD_USER_INPUT` for more than a page of them. */
export function fewIds(ids: string[] | null | undefined): string[] | null {
  if (ids && ids.length > MAX_PAGE) throw bad(`\`ids\` may name at most ${MAX_PAGE}.`);
  return ids ?? null;
}
