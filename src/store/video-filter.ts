import { metadataCondition } from './metadata-condition.ts';
import type { VideoFilter } from './types.ts';
import { isUuid } from './uuid.ts';

/** SQL conditions on `video v` for a filter; adds their values to `values`. */
export function filterConditions(filter: VideoFilter | null | undefined, values: unknown[]): string {
  const { ids, sha256, tags, anyTags, title, metadata, duration, createdAt, searchable, embeddedBy } =
    filter ?? {};
  const value = (given: unknown, type: string) => `$${values.push(given)}::${type}`;
  const conditions = ['true'];
  if (ids) conditions.push(`v.id = ANY (${value(ids.filter(isUuid), 'uuid[]')})`);
  if (sha256) conditions.push(`v.sha256 = ANY (${value(sha256, 'text[]')})`);
  if (tags) conditions.push(`v.tags @> ${value(tags, 'text[]')}`);
  if (anyTags) conditions.push(`v.tags && ${value(anyTags, 'text[]')}`);
  if (title) conditions.push(`strpos(v.title_folded, ${value(foldTitle(title), 'text')}) > 0`);
  for (const condition of metadata ?? []) conditions.push(metadataCondition(condition, value));
  if (duration?.min != null) conditions.push(`v.duration >= ${value(duration.min, 'float8')}`);
  if (duration?.max != null) conditions.push(`v.duration <= ${value(duration.max, 'float8')}`);
  if (createdAt?.from)
    conditions.push(`v.created_at >= ${value(createdAt.from.toISOString(), 'timestamptz')}`);
  if (createdAt?.to) conditions.push(`v.created_at < ${value(createdAt.to.toISOString(), 'timestamptz')}`);
  if (searchable != null) conditions.push(`${searchable ? '' : 'NOT '}${EMBEDDED('m.active')}`);
  if (embeddedBy) conditions.push(EMBEDDED(`m.fingerprint = ${value(embeddedBy, 'text')}`));
  return conditions.join(' AND ');
}

/** Whether it lets every video through. */
export const isEmpty = (filter: VideoFilter | null | undefined): boolean =>
  filterConditions(filter, []) === filterConditions(null, []);

/** Whether all clips of `v` are embedded by a model of which a condition on `m` holds. */
const EMBEDDED = (model: string) =>
  `EXISTS (SELECT FROM searchable e JOIN model m ON m.fingerprint = e.model WHERE e.video_id = v.id AND ${model})`;

/** A title as it is searched: composed, in lower case. */
export function foldTitle(title: string): string {
  return title.normalize('NFC').toLowerCase();
}
