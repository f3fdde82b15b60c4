import type { VideoFilter } from './types.ts';
import { isUuid } from './uuid.ts';

/** SQL conditions on `video v` for a filter; adds their values to `values`. */
export function filterConditions(filter: VideoFilter | null | undefined, values: unknown[]): string {
  const conditions = ['true'];
  if (filter?.ids) conditions.push(`v.id = ANY ($${values.push(filter.ids.filter(isUuid))}::uuid[])`);
  if (filter?.sha256) conditions.push(`v.sha256 = ANY ($${values.push(filter.sha256)}::text[])`);
  if (filter?.tags) conditions.push(`v.tags @> $${values.push(filter.tags)}::text[]`);
  if (filter?.title) conditions.push(`strpos(v.title_folded, $${values.push(foldTitle(filter.title))}) > 0`);
  return conditions.join(' AND ');
}

/** A title as it is searched: composed, in lower case. */
export function foldTitle(title: string): string {
  return title.normalize('NFC').toLowerCase();
}
