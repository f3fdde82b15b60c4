import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { VideoFilter } from '#src/store/types.js';
import { databaseKinds } from '../db/fresh-database.js';
import { claimed, clipOf, ingested, MODEL, testLibrary, videoOf } from './library.js';

describe.each(databaseKinds)('videos on the %s database', (kind) => {
  const library = testLibrary(kind);

  test('what is stored is what comes back', async () => {
    const { store } = library;
    const source = {
      kind: 'PATH' as const,
      path: '/films/a b.mp4',
      size: 2 ** 40,
      mtimeMs: 1_795_375_374_766.728,
    };
    const given = {
      ...{
        sha256: 'ab'.repeat(32),
        title: 'Été "1"',
        tags: ['a,b', '{c}', ''],
        metadata: [{ deep: [null, 1.5] }],
      },
      ...{ duration: 12.345678901234567, width: 1080, height: 1920, frameRate: null, source },
      warnings: [{ code: 'TRUNCATED', message: 'cut' }],
      segmentation: { clipSeconds: 5, overlap: 0.5, scenes: true },
    };
    const { video } = await store.videos.createFor(await claimed(store), given);
    const expected = {
      ...given,
      ...{ id: expect.any(String), createdAt: expect.any(Date), searchable: false, cuts: null, edition: 0 },
    };
    expect(video).toEqual(expected);
    expect(await store.videos.get(video.id)).toEqual(video);
    expect(await store.videos.findBySha256(given.sha256)).toEqual(video);
    expect(await store.videos.getMany([video.id, 'nonsense'])).toEqual([video]);
  });

  test('an unknown id and a malformed one are alike', async () => {
    const { videos, clips } = library.store;
    for (const id of ['00000000-0000-4000-8000-000000000000', 'nonsense', '', "'; DROP TABLE video"]) {
      expect(await videos.get(id)).toBeNull();
      expect(await videos.update(id, { title: 'x' })).toBeNull();
      expect(await videos.delete(id)).toBe(false);
      expect(await clips.of(id, MODEL)).toEqual([]);
    }
  });

  test('an update changes only what it names', async () => {
    const { store } = library;
    const video = await ingested(store, { ...videoOf('Before'), tags: ['t'], metadata: { a: 1 } });
    const searchable = { ...video, searchable: true };
    expect(await store.videos.update(video.id, {})).toEqual(searchable);
    expect(await store.videos.update(video.id, { title: 'After' })).toEqual({
      ...searchable,
      title: 'After',
    });
    expect(await store.videos.update(video.id, { tags: [], metadata: null })).toEqual({
      ...{ ...searchable, title: 'After', tags: [], metadata: null },
    });
    expect((await store.videos.page({ first: 9, filter: { title: 'aft' } })).edges).toHaveLength(1);
    expect((await store.videos.page({ first: 9, filter: { title: 'before' } })).edges).toHaveLength(0);
  });

  test('pages go from the newest to the oldest, and new ones do not shift them', async () => {
    const { store } = library;
    for (const name of ['a', 'b', 'c', 'd', 'e']) await ingested(store, videoOf(name));
    const first = await store.videos.page({ first: 2 });
    await ingested(store, videoOf('f'));
    const second = await store.videos.page({ first: 2, after: first.edges[1]?.cursor });
    const third = await store.videos.page({ first: 2, after: second.edges[1]?.cursor });
    const titles = [first, second, third].map((page) => page.edges.map(({ node }) => node.title));
    expect(titles).toEqual([['e', 'd'], ['c', 'b'], ['a']]);
    expect([first, second, third].map((page) => page.hasNextPage)).toEqual([true, true, false]);
  });

  test('a cursor that is malformed or of another list is refused', async () => {
    const { store } = library;
    await claimed(store);
    const ofIngestions = (await store.ingestions.page({ first: 1 })).edges[0]?.cursor;
    const made = [
      'videos:1.5',
      'videos:',
      'videos:01',
      'videos:1e3',
      'videos:9007199254740993',
      'videos:1:2',
    ];
    const encoded = made.map((text) => Buffer.from(text).toString('base64url'));
    for (const after of [ofIngestions, '', 'nonsense', 'dmlkZW9zOjE=', ...encoded]) {
      await expect(store.videos.page({ first: 1, after })).rejects.toMatchObject({ code: 'BAD_CURSOR' });
    }
  });

  test('filters by id, by all tags, and by a part of the title, case aside and literally', async () => {
    const { store } = library;
    const one = await ingested(store, { ...videoOf('ÉCLAIR 100%'), tags: ['x', 'y'] });
    const two = await ingested(store, { ...videoOf('eclair_100\\'), tags: ['x'] });
    const found = async (filter: VideoFilter) =>
      (await store.videos.page({ first: 9, filter })).edges.map(({ node }) => node.title).sort();
    const both = [one.title, two.title].sort();
    expect(await found({})).toEqual(both);
    expect(await found({ ids: [one.id, 'nonsense'] })).toEqual([one.title]);
    expect(await found({ ids: [] })).toEqual([]);
    expect(await found({ tags: ['x'] })).toEqual(both);
    expect(await found({ tags: ['y', 'x'] })).toEqual([one.title]);
    expect(await found({ tags: ['X'] })).toEqual([]);
    expect(await found({ title: 'CLAIR' })).toEqual(both);
    expect(await found({ title: 'e\u0301clair' })).toEqual([one.title]); // decomposed
    expect(await found({ title: '100%' })).toEqual([one.title]);
    expect(await found({ title: '%' })).toEqual([one.title]);
    expect(await found({ title: '_' })).toEqual([two.title]);
    expect(await found({ title: '\\' })).toEqual([two.title]);
    expect(await found({ title: 'clair', tags: ['y'], ids: [two.id] })).toEqual([]);
  });

  test('is searchable only once all its clips are there', async () => {
    const { store } = library;
    const lease = await claimed(store);
    const { video } = await store.videos.createFor(lease, videoOf('a'));
    await store.clips.add(lease, MODEL, clipOf(video.id, 1));
    await expect(store.videos.complete(lease, video.id, MODEL, 2)).rejects.toThrow('1 of 2');
    expect((await store.videos.get(video.id))?.searchable).toBe(false);
    await store.clips.add(lease, MODEL, clipOf(video.id, 0));
    await store.clips.add(lease, MODEL, clipOf(video.id, 0, [0, 1, 0])); // once more, as after an interruption
    await store.videos.complete(lease, video.id, MODEL, 2);
    expect((await store.videos.get(video.id))?.searchable).toBe(true);
    expect(await store.videos.snapshot(MODEL)).toBe(1);
    const clips = await store.clips.of(video.id, MODEL);
    expect(clips).toEqual([clipOf(video.id, 0, [0, 1, 0]), clipOf(video.id, 1)]);
  });

  test('a file read in place is gone when its size or its time differ', async () => {
    const { store, dataDir } = library;
    const path = join(dataDir, 'film.mp4');
    await writeFile(path, 'film');
    const { size, mtimeMs } = await stat(path);
    const source = { kind: 'PATH' as const, path, size, mtimeMs };
    const { video } = await store.videos.createFor(await claimed(store), { ...videoOf('a'), source });
    expect(await store.videos.sourcePath(video)).toBe(path);
    await utimes(path, 1, 1);
    expect(await store.videos.sourcePath(video)).toBeNull();
    await writeFile(path, 'longer');
    await utimes(path, mtimeMs / 1000, mtimeMs / 1000);
    expect(await store.videos.sourcePath(video)).toBeNull();
  });
});
