import { readSettings } from '../../config.ts';
import { listCached } from '../../xclip/hub/list-cached.ts';
import { megabytes } from '../../xclip/hub/megabytes.ts';

/** Prints the X-CLIP models in the hub's local cache, two lines each. */
export async function list(): Promise<void> {
  const { hub } = readSettings();
  const models = await listCached(hub);
  if (models.length === 0) console.log(`There is no X-CLIP in ${hub.cache}.`);
  for (const { name, size, missing, folder } of models) {
    console.log(
      `${name}  ${megabytes(size)}  ${missing ? `not usable: ${missing}` : 'complete'}\n  ${folder}`,
    );
  }
}
