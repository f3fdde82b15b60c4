import { findInHubCache } from './find-in-hub-cache.ts';
import type { Hub } from './hub.ts';
import { HubError } from './hub-error.ts';

/** Bytes of the files of a model. */
export interface FetchProgress {
  done: number;
  total: number;
}

export interface FetchOptions {
  onProgress?: (progress: FetchProgress) => void;
  signal?: AbortSignal;
}

/**
 * Sees to a model in the hub's local cache.
 * @throws HubError when the hub or the disk does not allow it; what was fetched stays for the next time.
 */
export async function fetchModel(
  hub: Hub,
  name: string,
  _options: FetchOptions = {},
): Promise<{ folder: string }> {
  const found = await findInHubCache(hub, name);
  if ('folder' in found) return found;
  throw new HubError(`${name} cannot be used: ${found.missing}.`, { retryable: false });
}
