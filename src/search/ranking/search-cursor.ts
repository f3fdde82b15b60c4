import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ClipqlError } from '../../errors.ts';

/** A place in the order of stage one: (distance, id of the video), among clips also its index. */
const bound = z.strictObject({
  distance: z.number(),
  videoId: z.uuid(),
  index: z.int().nonnegative().optional(),
});

const place = z.strictObject({
  /** Only videos that were searchable at this snapshot take part. */
  snapshot: z.int().nonnegative(),
  /** The block goes on after this place; null: it is the first. */
  from: bound.nullable(),
  /** The block's last place; null: not yet known. */
  to: bound.nullable(),
  /** Whether nothing comes after the block. */
  last: z.boolean(),
  /** Ids of what was already returned of the block: so none comes twice even if a number differs in its last bit. */
  returned: z.array(z.string().regex(/^[0-9a-f-]{36}(:\d+)?$/)),
  /** How many were returned before, of all blocks. */
  before: z.int().nonnegative(),
});

export type SearchBound = z.infer<typeof bound>;

/** How far a search has come. */
export type Place = z.infer<typeof place>;

const cursor = z.strictObject({ search: z.string(), place });

/** The place before the first match. */
export const atStart = (snapshot: number): Place => ({
  ...{ snapshot, from: null, to: null, last: false, returned: [], before: 0 },
});

/** A short name for everything that makes two searches the same one; their cursors serve each other. */
export function searchKey(search: unknown): string {
  return createHash('sha256').update(canonical(search)).digest('base64url').slice(0, 16);
}

/** JSON in which neither the order of an object's keys nor what is undefined matters. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export function encodeCursor(search: string, place: Place): string {
  // Parsed, so that the keys have one order and the same place has one cursor.
  return Buffer.from(JSON.stringify(cursor.parse({ search, place }))).toString('base64url');
}

/** Throws `BAD_CURSOR` when the cursor is malformed or was made by another search than `search`. */
export function decodeCursor(text: string, search: string): Place {
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
