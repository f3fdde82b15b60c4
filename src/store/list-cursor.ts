import { ClipqlError } from '../errors.ts';
import type { Page } from './types.ts';

/** The lists that have cursors: one of another list is refused. */
export type List = 'videos' | 'ingestions' | 'not embedded' | 'label sets';

/** The `position` a cursor stands for; null, the start, without one. Throws `BAD_CURSOR`. */
export function decodeCursor(list: List, cursor: string | null | undefined): number | null {
  if (cursor == null) return null;
  const [name, digits = ''] = Buffer.from(cursor, 'base64url').toString().split(':');
  const position = Number(digits);
  if (name === list && Number.isSafeInteger(position) && encodeCursor(list, position) === cursor)
    return position;
  throw new ClipqlError(
    'BAD_CURSOR',
    `\`after\` is not a cursor of \`${list}\`. Take it from an edge of that list.`,
  );
}

/** A page of the first `first` rows, one more of which says whether others follow. */
export function pageOf<Row extends { position: number }, T>(
  list: List,
  rows: Row[],
  first: number,
  toNode: (row: Row) => T,
): Page<T> {
  const edges = rows
    .slice(0, first)
    .map((row) => ({ cursor: encodeCursor(list, row.position), node: toNode(row) }));
  return { edges, hasNextPage: rows.length > first };
}

function encodeCursor(list: List, position: number): string {
  return Buffer.from(`${list}:${position}`).toString('base64url');
}
