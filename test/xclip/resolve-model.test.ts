import { cpSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import type { Hub } from '#src/xclip/hub/hub.js';
import { BUNDLED_NAME, chooseModel, findModel, PREFERRED_NAME } from '#src/xclip/resolve-model.js';
import { copyOf, fixture } from './fixtures.js';

let cache: string;
let hub: Hub;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'clipql-hub-'));
  hub = { cache, endpoint: 'http://127.0.0.1:9', token: null, offline: true, proxies: null };
});
afterEach(() => rmSync(cache, { recursive: true }));

/** Puts a fixture into the cache as the hub's clients lay it out. */
function fetched(name: string, { ref = 'main', commit = 'c0ffee' } = {}): string {
  const model = join(cache, `models--${name.replace('/', '--')}`);
  mkdirSync(dirname(join(model, 'refs', ref)), { recursive: true });
  writeFileSync(join(model, 'refs', ref), `${commit}\n`);
  const folder = join(model, 'snapshots', commit);
  mkdirSync(dirname(folder), { recursive: true });
  cpSync(copyOf('half'), folder, { recursive: true });
  return folder;
}

const bundled = { name: BUNDLED_NAME, bundled: true };
const command = `MODEL=${PREFERRED_NAME} npm start`;

test('bundled: the checkpoint in the repository, which loads', async () => {
  const found = await findModel('bundled', hub);
  expect(found).toMatchObject(bundled);
  if (!('folder' in found)) throw new Error('not found');
  expect((await loadCheckpoint(found.folder, found.name, true)).card.relevance.calibrated).toBe(true);
});

test('a folder is named by its absolute path, by which it is found again', async () => {
  const found = await findModel('test/xclip/fixtures/half', hub);
  expect(found).toEqual({ folder: fixture('half'), name: fixture('half'), bundled: false });
  expect(await findModel(found.name, hub)).toEqual(found);
});

test('a hub name is found in the cache by its ref', async () => {
  const folder = fetched('owner/model.x-1');
  const found = { folder, name: 'owner/model.x-1', bundled: false };
  expect(await findModel('owner/model.x-1', hub)).toEqual(found);
});

test('a revision is a ref or a snapshot of that name', async () => {
  const main = fetched('owner/model');
  const pr = fetched('owner/model', { ref: 'refs/pr/1', commit: 'beef' });
  expect(await findModel('owner/model', hub)).toMatchObject({ folder: main });
  expect(await findModel('owner/model@refs/pr/1', hub)).toMatchObject({ folder: pr });
  expect(await findModel('owner/model@beef', hub)).toMatchObject({ folder: pr, name: 'owner/model@beef' });
  expect(await findModel('owner/model@v2', hub)).toMatchObject({ missing: 'it is not in the local cache' });
});

test('of a hub name that is not there, or not whole, it says what is missing', async () => {
  const missing = async () => {
    const found = await findModel('owner/model', hub);
    return 'missing' in found && found.missing;
  };
  expect(await missing()).toBe('it is not in the local cache');
  const folder = fetched('owner/model');
  truncateSync(join(folder, 'model.safetensors'), 50_000);
  expect(await missing()).toBe('its model.safetensors in the local cache is not complete');
  rmSync(join(folder, 'tokenizer.json'));
  expect(await missing()).toBe('its copy in the local cache lacks tokenizer.json');
});

test.each(['./nowhere', '/nowhere/at/all', 'name', 'a/b/c', '../nowhere', 'owner/name/..x'])(
  '%s is neither a folder nor a hub name',
  async (name) => {
    await expect(findModel(name, hub)).rejects.toThrow(`The model is "${name}", but there is no such folder`);
  },
);

test('auto in a new library: the preferred model if the cache has it', async () => {
  fetched(PREFERRED_NAME);
  expect(await chooseModel('auto', null, hub)).toEqual({ name: PREFERRED_NAME, notice: null });
});

test('auto in a new library: else the bundled one, with the reason and the command', async () => {
  const chosen = await chooseModel('auto', null, hub);
  expect(chosen.name).toBe(BUNDLED_NAME);
  expect(chosen.notice).toContain(`${PREFERRED_NAME} cannot be used: it is not in the local cache`);
  expect(chosen.notice).toContain(command);
  rmSync(join(fetched(PREFERRED_NAME), 'config.json'));
  expect((await chooseModel('auto', null, hub)).notice).toContain('lacks config.json');
});

test('auto stays with the library’s model; any other setting is that model', async () => {
  fetched(PREFERRED_NAME);
  expect(await chooseModel('auto', 'owner/model', hub)).toEqual({ name: 'owner/model', notice: null });
  const small = await chooseModel('auto', BUNDLED_NAME, hub);
  expect(small.name).toBe(BUNDLED_NAME);
  expect(small.notice).toContain(command);
  expect(await chooseModel('owner/other', 'owner/model', hub)).toEqual({ name: 'owner/other', notice: null });
});
