import { cpSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import type { Hub } from '#src/xclip/hub/hub.js';
import { BUNDLED_NAME, PREFERRED_NAME, resolveModel } from '#src/xclip/resolve-model.js';
import { copyOf, fixture } from './fixtures.js';

let cache: string;
let hub: Hub;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'clipql-hub-'));
  hub = { cache, endpoint: 'http://127.0.0.1:9', token: null, offline: true };
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
const command = `hf download ${PREFERRED_NAME}`;

test('bundled: the checkpoint in the repository, which loads', async () => {
  const resolved = await resolveModel('bundled', null, hub);
  expect(resolved).toMatchObject({ ...bundled, notice: null });
  expect((await loadCheckpoint(resolved.folder, resolved.name, true)).card.relevance.calibrated).toBe(true);
});

test('a folder is named by its absolute path, by which `auto` finds it again', async () => {
  const resolved = await resolveModel('test/xclip/fixtures/half', null, hub);
  expect(resolved).toEqual({ folder: fixture('half'), name: fixture('half'), bundled: false, notice: null });
  expect(await resolveModel('auto', resolved.name, hub)).toEqual(resolved);
});

test('a hub name is found in the cache by its ref', async () => {
  const folder = fetched('owner/model.x-1');
  expect(await resolveModel('owner/model.x-1', null, hub)).toEqual({
    folder,
    name: 'owner/model.x-1',
    bundled: false,
    notice: null,
  });
});

test('a revision is a ref or a snapshot of that name', async () => {
  const main = fetched('owner/model');
  const pr = fetched('owner/model', { ref: 'refs/pr/1', commit: 'beef' });
  expect((await resolveModel('owner/model', null, hub)).folder).toBe(main);
  expect((await resolveModel('owner/model@refs/pr/1', null, hub)).folder).toBe(pr);
  expect(await resolveModel('owner/model@beef', null, hub)).toMatchObject({
    folder: pr,
    name: 'owner/model@beef',
  });
  await expect(resolveModel('owner/model@v2', null, hub)).rejects.toThrow(
    'hf download owner/model --revision v2',
  );
});

test('a hub name that is not there, or not whole, is an error with the command that fetches it', async () => {
  await expect(resolveModel('owner/model', null, hub)).rejects.toThrow(
    'MODEL is "owner/model", but it is not in the local cache. Fetch it with: hf download owner/model',
  );
  const folder = fetched('owner/model');
  truncateSync(join(folder, 'model.safetensors'), 50_000);
  await expect(resolveModel('owner/model', null, hub)).rejects.toThrow(
    'its model.safetensors in the local cache is not complete',
  );
  rmSync(join(folder, 'tokenizer.json'));
  await expect(resolveModel('owner/model', null, hub)).rejects.toThrow(
    'its copy in the local cache lacks tokenizer.json',
  );
});

test.each(['./nowhere', '/nowhere/at/all', 'name', 'a/b/c', '../nowhere', 'owner/name/..x'])(
  '%s is neither a folder nor a hub name',
  async (setting) => {
    await expect(resolveModel(setting, null, hub)).rejects.toThrow(
      `MODEL is "${setting}", but there is no such folder`,
    );
  },
);

test('auto in a new library: the preferred model if the cache has it', async () => {
  const folder = fetched(PREFERRED_NAME);
  expect(await resolveModel('auto', null, hub)).toEqual({
    folder,
    name: PREFERRED_NAME,
    bundled: false,
    notice: null,
  });
});

test('auto in a new library: else the bundled one, with the reason and the command', async () => {
  const missing = await resolveModel('auto', null, hub);
  expect(missing).toMatchObject(bundled);
  expect(missing.notice).toContain(`${PREFERRED_NAME} cannot be used: it is not in the local cache`);
  expect(missing.notice).toContain(command);
  rmSync(join(fetched(PREFERRED_NAME), 'config.json'));
  expect((await resolveModel('auto', null, hub)).notice).toContain('lacks config.json');
});

test('auto stays with the library’s model', async () => {
  fetched(PREFERRED_NAME);
  const folder = fetched('owner/model');
  expect(await resolveModel('auto', 'owner/model', hub)).toMatchObject({ folder, notice: null });
  const small = await resolveModel('auto', BUNDLED_NAME, hub);
  expect(small).toMatchObject(bundled);
  expect(small.notice).toContain(command);
  await expect(resolveModel('auto', 'owner/gone', hub)).rejects.toThrow(
    'The library\'s model is "owner/gone", but it is not in the local cache',
  );
});
