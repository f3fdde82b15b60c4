import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from './exists.ts';
import { readStoredTensors } from './safetensors.ts';

/** A model's name on the hub: `owner/name`, with `@revision` if not `main`. */
const HUB_NAME = /^(?<owner>\w[\w.-]*)\/(?<repository>\w[\w.-]*)(@(?<revision>\w[\w./-]*))?$/;

/** The files of a checkpoint; all of them make it complete. */
const FILES = ['config.json', 'model.safetensors', 'tokenizer.json', 'preprocessor_config.json'];

export function isHubName(name: string): boolean {
  return HUB_NAME.test(name) && !name.includes('..');
}

/**
 * Finds a model in the hub's local cache: `models--owner--name/refs/<revision>` names the snapshot folder.
 * @returns the folder, or what is missing of it
 */
export async function findInHubCache(
  hubCache: string,
  name: string,
): Promise<{ folder: string } | { missing: string }> {
  const { owner, repository, revision = 'main' } = HUB_NAME.exec(name)?.groups ?? {};
  const model = join(hubCache, `models--${owner}--${repository}`);
  const commit = await readFile(join(model, 'refs', `${revision}`), 'utf8').catch(() => revision);
  const folder = join(model, 'snapshots', commit.trim());
  if (!(await exists(folder))) return { missing: 'it is not in the local cache' };
  const missing = await missingOf(folder);
  return missing ? { missing } : { folder };
}

async function missingOf(folder: string): Promise<string | null> {
  for (const file of FILES) {
    if (!(await exists(join(folder, file)))) return `its copy in the local cache lacks ${file}`;
  }
  return readStoredTensors(join(folder, 'model.safetensors')).then(
    () => null,
    () => 'its model.safetensors in the local cache is not complete',
  );
}
