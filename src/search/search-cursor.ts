import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ClipqlError } from '../errors.ts';
import type { VideoFilter } from '../store/types.ts';

/** A video's place in the order of stage one: (distance of its nearest clip, id). */
const bound = z.strictObject({ distance: z.number(), videoId: z.uuid() });

const place = z.strictObject({
  /** Only videos that were searchable at this snapshot take part. */
  snapshot: z.int().nonnegative(),
  /** The block goes on after this place; null: it is the first. */
  from: bound.nullable(),
  /** The block's last place; null: not yet known. */
  to: bound.nullable(),
  /** The block's videos already returned, by id: so none comes twice even if a number differs in its last bit. */
  returned: z.array(z.uuid()),
});

/** How far a search has come. */
export type SearchPlace = z.infer<typeof place>;

const cursor = z.strictObject({ search: z.string(), place });

/** A short name for everything that makes two searches the same one; their cursors serve each other. */
export function searchKey(
  text: string,
  filter: VideoFilter,
  minRelevance: number,
  fingerprint: string,
): string {
  const { ids, tags, title } = filter;
  const parts = [
    text,
    ids?.toSorted() ?? null,
    tags?.toSorted() ?? null,
    title ?? null,
    minRelevance,
    fingerprint,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 16);
}

export function encodeCursor(search: string, place: SearchPlace): string {
  // Parsed, so that the keys have one order and the same place has one cursor.
  return Buffer.from(JSON.stringify(cursor.parse({ search, place }))).toString('base64url');
}

/** Throws `BAD_CURSOR` when the cursor is malformed or was made by another search than `search`. */
export function decodeCursor(text: string, search: string): SearchPlace {
  const decoded = cursor.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  if (!decoded.success) {
    throw new ClipqlError(
      'BAD_CURSOR',
      '`after` is no cursor of a search. Pass the `cursor` of an edge unchanged.',
    );
  }
  if (decoded.data.search !== search) {
    throw new ClipqlError(
      'BAD_CURSOR',
      '`after` was made for another text, filter, minRelevance or model. Ask for the first page again, without `after`.',
    );
  }
  return decoded.data.place;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
