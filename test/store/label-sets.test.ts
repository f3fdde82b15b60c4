import { describe, expect, test } from 'vitest';
import { databaseKinds } from '../db/fresh-database.js';
import { ingested, testLibrary, videoOf } from './library.js';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const label = (name: string, examples: string[] = [], texts: string[] = []) => ({
  label: name,
  texts,
  examples,
});

describe.each(databaseKinds)('label sets on the %s database', (kind) => {
  const library = testLibrary(kind);

  test('what is stored is what comes back, in its order', async () => {
    const { labelSets, ...store } = library.store;
    const videos = [];
    for (const name of ['b', 'a', 'c']) videos.push((await ingested(library.store, videoOf(name))).id);
    const content = {
      name: 'Été "1"',
      templates: ['a {}, or', '{"x"} {}'],
      labels: [label('z', videos, ['b,c', '{a}', '"']), label('a', videos.slice(1)), label('{}')],
    };
    const set = await labelSets.create(content);
    expect(set).toEqual({
      ...{ ...content, id: expect.any(String), size: 3, builtIn: false },
      ...{ createdAt: expect.any(Date), updatedAt: expect.any(Date) },
    });
    expect(await labelSets.get(set.id)).toEqual(set);
    expect(await labelSets.get(set.id.toUpperCase())).toEqual(set);

    // A deleted video is no example any more; all else stays.
    await store.videos.delete(videos[1] as string);
    expect((await labelSets.get(set.id))?.labels).toEqual([
      label('z', [videos[0] as string, videos[2] as string], ['b,c', '{a}', '"']),
      label('a', [videos[2] as string]),
      label('{}'),
    ]);
    expect(await labelSets.delete(set.id)).toBe(true);
    expect(await labelSets.get(set.id)).toBeNull();
    expect(await store.videos.get(videos[0] as string)).not.toBeNull();
  });

  test('a change leaves what it does not name', async () => {
    const { labelSets } = library.store;
    const set = await labelSets.create({ name: 'A', templates: ['a {}'], labels: [label('x'), label('y')] });
    const renamed = await labelSets.update(set.id, { name: 'B' });
    expect(renamed).toEqual({ ...set, name: 'B', updatedAt: expect.any(Date) });
    expect(await library.db.query('SELECT updated_at > created_at AS later FROM label_set')).toEqual([
      { later: true },
    ]);
    expect(await labelSets.update(set.id, { labels: [label('z')] })).toMatchObject({
      ...{ name: 'B', templates: ['a {}'], labels: [label('z')], size: 1 },
    });
    expect(await labelSets.update(set.id, { templates: [] })).toMatchObject({
      ...{ name: 'B', templates: [], labels: [label('z')] },
    });
  });

  test('what is refused leaves nothing behind', async () => {
    const { labelSets } = library.store;
    const set = await labelSets.create({ name: 'A', templates: [], labels: [label('x')] });
    await labelSets.create({ name: 'B', templates: [], labels: [label('x')] });
    const taken = { code: 'BAD_USER_INPUT', message: expect.stringContaining('called "B" already') };
    await expect(labelSets.create({ name: 'B', templates: [], labels: [label('y')] })).rejects.toMatchObject(
      taken,
    );
    await expect(labelSets.update(set.id, { name: 'B', labels: [label('y')] })).rejects.toMatchObject(taken);
    await expect(
      labelSets.create({ name: 'Kinetics-400', templates: [], labels: [label('y')] }),
    ).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    for (const id of [UNKNOWN, 'nonsense', "'; DROP TABLE label_set"]) {
      const unknown = { code: 'NOT_FOUND', message: expect.stringContaining(`"${id}"`) };
      const labels = [label('new', [id])];
      await expect(labelSets.create({ name: 'C', templates: [], labels })).rejects.toMatchObject(unknown);
      await expect(labelSets.update(set.id, { name: 'C', labels })).rejects.toMatchObject(unknown);
    }
    expect(await labelSets.get(set.id)).toEqual(set);
    const { edges } = await labelSets.page({ first: 100 });
    expect(edges.map(({ node }) => node.name).slice(0, 2)).toEqual(['B', 'A']);
    expect(edges.filter(({ node }) => !node.builtIn)).toHaveLength(2);
  });

  test('an unknown id and a malformed one are alike', async () => {
    const { labelSets } = library.store;
    for (const id of [UNKNOWN, 'nonsense', '', "'; DROP TABLE label_set"]) {
      expect(await labelSets.get(id)).toBeNull();
      expect(await labelSets.update(id, { name: 'x' })).toBeNull();
      expect(await labelSets.delete(id)).toBe(false);
    }
  });

  test('the built-in ones are there, and stay', async () => {
    const { labelSets } = library.store;
    const kinetics = await labelSets.get('kinetics-400');
    expect(kinetics).toMatchObject({ id: 'kinetics-400', builtIn: true, size: 400, templates: [] });
    expect(new Set(kinetics?.labels.map((one) => one.label)).size).toBe(400);
    const builtIn = { code: 'BAD_USER_INPUT', message: expect.stringContaining('built in') };
    await expect(labelSets.update('article', { name: 'x' })).rejects.toMatchObject(builtIn);
    await expect(labelSets.delete('kinetics-400')).rejects.toMatchObject(builtIn);
  });

  test('pages of any length give each once, newest first, then the built-in ones', async () => {
    const { labelSets } = library.store;
    for (const name of ['a', 'b', 'c'])
      await labelSets.create({ name, templates: [], labels: [label(name)] });
    const names = ['c', 'b', 'a', 'Kinetics-400', 'Programming, spaghetti, football'];
    for (let first = 1; first <= 6; first++) {
      const seen: string[] = [];
      let after: string | undefined;
      for (;;) {
        const page = await labelSets.page({ first, after: after ?? null });
        expect(page.edges.length).toBeLessThanOrEqual(first);
        seen.push(...page.edges.map(({ node }) => node.name));
        after = page.edges.at(-1)?.cursor;
        if (!page.hasNextPage) break;
      }
      expect(seen).toEqual(names);
    }
    await expect(labelSets.page({ first: 1, after: 'nonsense' })).rejects.toMatchObject({
      code: 'BAD_CURSOR',
    });
  });

  test('many at once: of one name one is made, of changes each is whole', async () => {
    const { labelSets } = library.store;
    const made = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) =>
        labelSets.create({ name: 'same', templates: [], labels: [label(`${i}`)] }),
      ),
    );
    const [set, ...others] = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(others).toEqual([]);
    const id = set?.id ?? '';
    await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        labelSets.update(id, { templates: [`${i} {}`], labels: [label(`${i}`), label(`${i}!`)] }),
      ),
    );
    const after = await labelSets.get(id);
    const [first] = after?.labels ?? [];
    expect(after?.labels.map((one) => one.label)).toEqual([first?.label, `${first?.label}!`]);
    expect(after?.templates).toEqual([`${first?.label} {}`]);
  });

  test('examples that are deleted meanwhile are no examples', async () => {
    const { labelSets, videos } = library.store;
    const ids: string[] = [];
    for (let i = 0; i < 6; i++) ids.push((await ingested(library.store, videoOf(`${i}`))).id);
    const { id } = await labelSets.create({ name: 'A', templates: [], labels: [label('x', ids)] });
    const changes = await Promise.allSettled(
      ids.flatMap((gone, i) => [
        labelSets.update(id, { labels: [label(`${i}`, ids), label('other', ids.toReversed())] }),
        ...(i < 4 ? [videos.delete(gone)] : []),
      ]),
    );
    const refused = changes.flatMap((change) => (change.status === 'rejected' ? [change.reason.code] : []));
    expect(refused.filter((code) => code !== 'NOT_FOUND')).toEqual([]);
    const left = ids.slice(4);
    for (const { examples } of (await labelSets.get(id))?.labels ?? []) {
      expect(examples.toSorted()).toEqual(left.toSorted());
    }
  });
});
