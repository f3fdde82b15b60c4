import { describe, expect, test } from 'vitest';
import { databaseKinds } from '../db/fresh-database.js';
import { claimed, ingested, MODEL, testLibrary, videoOf } from './library.js';

const other = {
  fingerprint: 'abcdef0123456789'.repeat(4),
  name: 'vendor/other',
  dimensions: 512,
  frames: 32,
};

describe.each(databaseKinds)('models on the %s database', (kind) => {
  const library = testLibrary(kind);

  test('a library without videos takes another model', async () => {
    const { models } = library.store;
    expect(await models.active()).toMatchObject({ fingerprint: MODEL, name: 'test' });
    await models.activate(other);
    expect(await models.active()).toEqual(other);
    await models.activate({ ...other, name: 'renamed' });
    expect(await models.active()).toEqual({ ...other, name: 'renamed' });
  });

  test('a library with videos refuses another one, naming both', async () => {
    await ingested(library.store, videoOf('a'));
    const refused = library.store.models.activate(other);
    await expect(refused).rejects.toThrow(/test \(ffffffffffff\).*vendor\/other \(abcdef012345\).*DATA_DIR/);
    expect(await library.store.models.active()).toMatchObject({ fingerprint: MODEL });
  });

  test('of several processes with different models one wins', async () => {
    const models = [1, 2, 3].map((n) => ({ ...other, fingerprint: String(n).repeat(64) }));
    await Promise.all(models.map((model) => library.store.models.activate(model)));
    expect(await library.db.query('SELECT count(*) FROM model WHERE active')).toEqual([{ count: 1 }]);
  });

  test('coverage is the share of videos that are searchable', async () => {
    const { store } = library;
    expect(await store.models.coverage(MODEL)).toBe(1);
    await ingested(store, videoOf('a'));
    await store.videos.createFor(await claimed(store), videoOf('b'));
    expect(await store.models.coverage(MODEL)).toBe(0.5);
    expect(await store.models.coverage(other.fingerprint)).toBe(0);
  });
});
