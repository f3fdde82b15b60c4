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

/** Which model to use. */
export interface ChosenModel {
  /** For `findModel`. */
  name: string;
  /** Why `auto` fell back to the bundled model, and the command that brings the real one: to be said loudly. */
  notice: string | null;
}

/** A model in its place; or one of the hub that is not, or not wholly, in the local cache, and what is missing of it. */
export type FoundModel = { name: string } & ({ folder: string; bundled: boolean } | { missing: string });

/**
 * What a `MODEL` setting means. `auto` is the library's active model, in a new library the preferred one if the local
 * cache has it, else the bundled one. Never uses the network.
 * @param active name of the library's active model, null in a new library
 */
export async function chooseModel(setting: string, active: string | null, hub: Hub): Promise<ChosenModel> {
  if (setting !== 'auto') return { name: setting, notice: null };
  if (active && active !== BUNDLED_NAME) return { name: active, notice: null };
  const found = await findInHubCache(hub, PREFERRED_NAME);
  if (!active && 'folder' in found) return { name: PREFERRED_NAME, notice: null };
  const reason = active
    ? 'this library was embedded with it'
    : `${PREFERRED_NAME} cannot be used: ${'missing' in found && found.missing}`;
  const notice = `Using the small bundled model, which knows only drawn shapes and their motions: ${reason}. For real videos: MODEL=${PREFERRED_NAME} npm start`;
  return { name: BUNDLED_NAME, notice };
}

/**
 * Finds a model by name: `bundled`, a folder with a checkpoint, or a hub name in the local cache. Never uses the
 * network. The `name` it answers with leads to the same model from anywhere.
 * @throws Error saying what to do when it is none of these.
 */
export async function findModel(name: string, hub: Hub): Promise<FoundModel> {
  if (name === 'bundled' || name === BUNDLED_NAME) {
    return { name: BUNDLED_NAME, folder: BUNDLED_FOLDER, bundled: true };
  }
  const folder = resolve(name);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return { name: folder, folder, bundled: false };
  if (isHubName(name)) return { name, bundled: false, ...(await findInHubCache(hub, name)) };
  throw new Error(
    `The model is "${name}", but there is no such folder. Give a folder with a checkpoint, a hub name such as ${PREFERRED_NAME}, "bundled" or "auto".`,
  );
}
