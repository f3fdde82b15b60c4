import { readSettings } from '../../config.ts';
import { megabytes } from '../../xclip/hub/megabytes.ts';
import { removeCached } from '../../xclip/hub/remove-cached.ts';

/** Removes a model from the hub's local cache and says how much that freed. */
export async function remove(name: string): Promise<void> {
  const freed = await removeCached(readSettings().hub, name);
  console.log(`${name} is removed: ${megabytes(freed)} freed.`);
}
