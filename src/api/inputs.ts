import { ClipqlError } from '../errors.ts';
import type { MetadataCondition, VideoFilter } from '../store/types.ts';
import type { MetadataFilterInput, VideoFilterInput } from './types/inputs.ts';
import { MAX_DEPTH } from './types/scalars.ts';

const MAX_PAGE = 100;
const USUAL_PAGE = 20;
const MAX_IDS = 1000;
const MAX_CONDITIONS = 20;

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

/** A filter without its nulls. Throws `BAD_USER_INPUT` for what PostgreSQL cannot hold, and for too much. */
export function videoFilter(given: VideoFilterInput | null | undefined): VideoFilter {
  const filter: VideoFilter = {};
  if (given?.ids) filter.ids = given.ids;
  if (given?.sha256) filter.sha256 = given.sha256.map((hash) => hash.toLowerCase());
  if (given?.tags) filter.tags = given.tags;
  if (given?.anyTags) filter.anyTags = given.anyTags;
  if (given?.title) filter.title = given.title;
  if (given?.metadata) filter.metadata = given.metadata.map(metadataCondition);
  if (given?.duration) filter.duration = { ...given.duration };
  if (given?.createdAt) filter.createdAt = { ...given.createdAt };
  if (given?.searchable != null) filter.searchable = given.searchable;
  if (given?.embeddedBy) filter.embeddedBy = given.embeddedBy;
  // NUL, or half of a surrogate pair: as such, or as JSON writes it.
  if (/(?<!\\)(\\\\)*\\u(0000|d[89a-f])/.test(JSON.stringify(filter))) {
    throw bad('`filter` holds text that is not valid Unicode, or a NUL character.');
  }
  for (const field of ['ids', 'sha256'] as const) {
    if ((filter[field]?.length ?? 0) > MAX_IDS) {
      throw bad(`\`filter.${field}\` may name at most ${MAX_IDS} videos.`);
    }
  }
  if ((filter.metadata?.length ?? 0) > MAX_CONDITIONS) {
    throw bad(`\`filter.metadata\` may hold at most ${MAX_CONDITIONS} conditions.`);
  }
  return filter;
}

/** A filter that also takes ids beside it, but not both ways at once. Throws as `videoFilter` does. */
export function bothFilters(
  filter: VideoFilterInput | null | undefined,
  ids: string[] | null | undefined,
): VideoFilter {
  if (ids && filter?.ids) throw bad('Give `ids` or `filter.ids`, not both.');
  return videoFilter(ids ? { ...filter, ids } : filter);
}

function metadataCondition(given: MetadataFilterInput): MetadataCondition {
  const condition: MetadataCondition = { path: given.path };
  if (given.equals !== undefined) condition.equals = given.equals;
  if (given.in) condition.in = given.in;
  if (given.exists != null) condition.exists = given.exists;
  for (const name of ['gt', 'gte', 'lt', 'lte'] as const) {
    const bound = given[name];
    if (bound == null) continue;
    if (typeof bound !== 'number' && typeof bound !== 'string') {
      throw bad(`\`filter.metadata.${name}\` must be a number or a text.`);
    }
    condition[name] = bound;
  }
  if (given.path.length > MAX_DEPTH)
    throw bad(`\`filter.metadata.path\` may hold at most ${MAX_DEPTH} keys.`);
  if (given.path.length === 0) throw bad('`filter.metadata.path` is empty. Name a key: `["camera"]`.');
  if (Object.keys(condition).length === 1) {
    throw bad(
      '`filter.metadata` says where, but not what: give `equals`, `in`, `exists`, `gt`, `gte`, `lt` or `lte`.',
    );
  }
  return condition;
}

/** Ids that are asked for one by one. Throws `BAD_USER_INPUT` for more than a page of them. */
export function fewIds(ids: string[] | null | undefined): string[] | null {
  if (ids && ids.length > MAX_PAGE) throw bad(`\`ids\` may name at most ${MAX_PAGE}.`);
  return ids ?? null;
}
