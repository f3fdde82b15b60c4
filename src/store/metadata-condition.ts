import type { Json, MetadataCondition } from './types.ts';

const COMPARISONS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** An SQL condition on the metadata of `video v`; `value` hands over a value and gives its place. */
export function metadataCondition(
  { path, equals, in: among, exists, ...range }: MetadataCondition,
  value: (given: unknown, type: string) => string,
): string {
  const found = `(v.metadata #> ${value(path, 'text[]')})`;
  const conditions: string[] = [];
  if (exists != null) conditions.push(`${found} IS ${exists ? 'NOT NULL' : 'NULL'}`);
  if (equals !== undefined) {
    conditions.push(`${found} = ${value(JSON.stringify(equals), 'jsonb')}`);
    // What an index can find; in a list a number in the path is a place, not a key.
    const keys = path.every((key) => !/^-?\d+$/.test(key));
    if (keys) conditions.push(`v.metadata @> ${value(JSON.stringify(nested(path, equals)), 'jsonb')}`);
  }
  if (among)
    conditions.push(`${found} IN (SELECT jsonb_array_elements(${value(JSON.stringify(among), 'jsonb')}))`);
  for (const [name, operator] of Object.entries(COMPARISONS)) {
    const bound = range[name as keyof typeof COMPARISONS];
    if (typeof bound === 'number') {
      const compared = `${found} ${operator} ${value(JSON.stringify(bound), 'jsonb')}`;
      conditions.push(`(jsonb_typeof(${found}) = 'number' AND ${compared})`);
    } else if (typeof bound === 'string') {
      // By code points, the same under any locale.
      const compared = `(${found} #>> '{}') COLLATE "C" ${operator} ${value(bound, 'text')} COLLATE "C"`;
      conditions.push(`(jsonb_typeof(${found}) = 'string' AND ${compared})`);
    }
  }
  return `(${conditions.join(' AND ')})`;
}

function nested(path: string[], value: Json): Json {
  return path.reduceRight<Json>((inner, key) => ({ [key]: inner }), value);
}
