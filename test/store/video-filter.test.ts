import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, MetadataCondition, Video, VideoFilter } from '#src/store/types.js';
import { databaseKinds } from '../db/fresh-database.js';
import { ingested, MODEL, testLibrary, videoOf } from './library.js';

const KEYS = ['a', 'b', '0', "'; DROP TABLE video; --", 'a"}'];
const SCALARS: Json[] = [null, true, false, 0, 1, -2.5, 1e20, '', 'a', 'B', 'é', '2026-01-31', '1', '"'];

const key = fc.constantFrom(...KEYS);
const scalar = fc.constantFrom(...SCALARS);
const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.dictionary(key, tie('json'), { maxKeys: 3, noNullPrototype: true }) as fc.Arbitrary<Json>,
    fc.array(tie('json'), { maxLength: 2 }) as fc.Arbitrary<Json>,
  ),
})).json;
const metadata = fc.dictionary(key, json, { maxKeys: 4, noNullPrototype: true });
const bound = fc.constantFrom<number | string>(0, 1, -2.5, 'a', 'B', '2026-01-31', '');
const condition: fc.Arbitrary<MetadataCondition> = fc
  .record(
    {
      path: fc.array(key, { minLength: 1, maxLength: 3 }),
      equals: json,
      in: fc.array(json, { maxLength: 3 }),
      exists: fc.boolean(),
      ...{ gt: bound, gte: bound, lt: bound, lte: bound },
    },
    { requiredKeys: ['path'] },
  )
  .filter((given) => Object.keys(given).length > 1);

/** What is at a path; undefined: nothing. */
function at(value: Json | undefined, [key, ...path]: string[]): Json | undefined {
  if (key === undefined) return value;
  if (Array.isArray(value)) return /^-?\d+$/.test(key) ? at(value.at(Number(key)), path) : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return at(value[key], path);
}

/** By code points, as UTF-8 sorts. */
const before = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;

function less(a: Json | undefined, b: number | string): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  return typeof a === 'string' && typeof b === 'string' && before(a, b);
}

function holds(
  data: Json,
  { path, equals, in: among, exists, gt, gte, lt, lte }: MetadataCondition,
): boolean {
  const found = at(data, path);
  const same = (b: number | string) => found === b;
  return (
    (equals === undefined || isDeepStrictEqual(found, equals)) &&
    (among === undefined || among.some((value) => isDeepStrictEqual(found, value))) &&
    (exists === undefined || exists === (found !== undefined)) &&
    (gt === undefined || (typeof found === typeof gt && !same(gt) && !less(found, gt))) &&
    (gte === undefined || (typeof found === typeof gte && !less(found, gte))) &&
    (lt === undefined || less(found, lt)) &&
    (lte === undefined || less(found, lte) || same(lte))
  );
}

describe.each(databaseKinds)('a filter on the %s database', (kind) => {
  const library = testLibrary(kind);

  const found = async (filter: VideoFilter) => {
    const { edges } = await library.store.videos.page({ first: 100, filter });
    return edges.map(({ node }) => node.id).sort();
  };

  test('lets through what a look at the metadata lets through', async () => {
    const { store, db } = library;
    const videos: Video[] = [];
    for (let i = 0; i < 12; i++) videos.push(await ingested(store, videoOf(`v${i}`), [[1, 0, 0]]));
    await fc.assert(
      fc.asyncProperty(
        fc.array(metadata, { minLength: 12, maxLength: 12 }),
        fc.array(condition, { minLength: 1, maxLength: 3 }),
        async (data, conditions) => {
          await db.query(
            'UPDATE video v SET metadata = d.value FROM jsonb_each($1::jsonb) AS d (id, value) WHERE v.id = d.id::uuid',
            [JSON.stringify(Object.fromEntries(videos.map((video, i) => [video.id, data[i] ?? {}])))],
          );
          const expected = videos.filter((_, i) => conditions.every((each) => holds(data[i] as Json, each)));
          expect(await found({ metadata: conditions })).toEqual(expected.map((video) => video.id).sort());
        },
      ),
      { numRuns: 150 },
    );
  });

  test('by duration, date, tags and state, each with its bounds', async () => {
    const { store, db } = library;
    const day = (i: number) => new Date(Date.UTC(2026, 0, 1 + i));
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      const tags = i % 2 ? ['odd', `t${i}`] : ['even'];
      const { id } = await ingested(store, { ...videoOf(`v${i}`), duration: i * 10, tags }, [[1, 0, 0]]);
      await db.query('UPDATE video SET created_at = $2 WHERE id = $1', [id, day(i).toISOString()]);
      ids.push(id);
    }
    const expectFound = async (filter: VideoFilter, ...indices: number[]) =>
      expect(await found(filter)).toEqual(indices.map((i) => ids[i]).sort());
    await expectFound({ duration: { min: 10, max: 30 } }, 1, 2, 3);
    await expectFound({ duration: { min: 30 } }, 3, 4);
    await expectFound({ duration: { max: 0 } }, 0);
    await expectFound({ createdAt: { from: day(1), to: day(3) } }, 1, 2);
    await expectFound({ createdAt: { to: day(1) } }, 0);
    await expectFound({ anyTags: ['t1', 't3', 'even'] }, 0, 1, 2, 3, 4);
    await expectFound({ anyTags: ['t1', 'none'], tags: ['odd'] }, 1);
    await expectFound({ searchable: true }, 0, 1, 2, 3, 4);
    await expectFound({ embeddedBy: MODEL }, 0, 1, 2, 3, 4);
    await expectFound({ embeddedBy: 'another' });
    await db.query('DELETE FROM searchable WHERE video_id = $1', [ids[2]]);
    await expectFound({ searchable: false }, 2);
    await expectFound({ embeddedBy: MODEL, duration: { min: 20 } }, 3, 4);
  });
});
