import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findInHubCache } from './hub/find-in-hub-cache.ts';
import type { Hub } from './hub/hub.ts';
import { isHubName } from './hub/hub-name.ts';

/** Name of the model that comes with ClipQL. */
export const BUNDLED_NAME = 'clipql-shapes';
/** What `auto` prefers in a new library. */
export const PREFERRED_NAME = 'microsoft/xclip-base-patch16-zero-shot';

const BUNDLED_FOLDER = fileURLToPath(new URL(`../../models/${BUNDLED_NAME}/`, import.meta.url));

/** Which checkpoint to load. */
export interface ResolvedModel {
  folder: string;
  /** A hub name, a folder's absolute path, or `clipql-shapes`; as a setting it leads to the same model. */
  name: string;
  bundled: boolean;
  /** Why `auto` fell back to the bundled model, and the command that brings the real one: to be said loudly. */
  notice: string | null;
}

/**
 * Finds the checkpoint a `MODEL` setting means: a folder, `bundled`, a hub name in the local cache, or `auto`: the library's active
 * model, in a new library the preferred one if the cache has it, else the bundled one. Never uses the network.
 * @param active name of the library's active model, null in a new library
 * @throws Error saying what to do when there is no such checkpoint.
 */
export async function resolveModel(setting: string, active: string | null, hub: Hub): Promise<ResolvedModel> {
  if (setting !== 'auto') return named(setting, hub, 'MODEL');
  if (active && active !== BUNDLED_NAME) return named(active, hub, "The library's model");
  const found = await findInHubCache(hub, PREFERRED_NAME);
  if (!active && 'folder' in found) return { ...found, name: PREFERRED_NAME, bundled: false, notice: null };
  const reason = active
    ? 'this library was embedded with it'
    : `${PREFERRED_NAME} cannot be used: ${'missing' in found && found.missing}`;
  const notice = `Using the small bundled model, which knows only drawn shapes and their motions: ${reason}. For real videos: hf download ${PREFERRED_NAME}`;
  return { ...bundled(), notice };
}

async function named(name: string, hub: Hub, subject: string): Promise<ResolvedModel> {
  if (name === 'bundled' || name === BUNDLED_NAME) return bundled();
  const folder = resolve(name);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return { folder, name: folder, bundled: false, notice: null };
  if (!isHubName(name)) {
    throw new Error(
      `${subject} is "${name}", but there is no such folder. Give a folder with a checkpoint, a hub name such as ${PREFERRED_NAME}, "bundled" or "auto".`,
    );
  }
  const found = await findInHubCache(hub, name);
  if ('folder' in found) return { ...found, name, bundled: false, notice: null };
  const [repository, revision] = name.split('@');
  const command = `hf download ${repository}${revision ? ` --revision ${revision}` : ''}`;
  throw new Error(`${subject} is "${name}", but ${found.missing}. Fetch it with: ${command}`);
}

function bundled(): ResolvedModel {
  return { folder: BUNDLED_FOLDER, name: BUNDLED_NAME, bundled: true, notice: null };
}
