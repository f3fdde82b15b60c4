import { setTimeout as delay } from 'node:timers/promises';
import { type Checkpoint, loadCheckpoint } from '../xclip/checkpoint.ts';
import { CheckpointError } from '../xclip/checkpoint-error.ts';
import { fetchModel } from '../xclip/hub/fetch-model.ts';
import type { Hub } from '../xclip/hub/hub.ts';
import { HubError } from '../xclip/hub/hub-error.ts';
import { isHubName } from '../xclip/hub/hub-name.ts';
import type { FetchProgress } from '../xclip/hub/progress.ts';
import { findModel } from '../xclip/resolve-model.ts';
import { type Arrival, loading } from './not-ready.ts';

/** Milliseconds until the hub is asked again after a failure that may pass: doubled each time, up to the longest. */
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 5 * 60_000;

/**
 * Loads a model's checkpoint by its name, for a rule of sampling, fetched from the hub when the local cache lacks it or holds it damaged. What
 * may pass (no network, a busy hub) is waited out. Throws HubError, CheckpointError, or the signal's reason.
 * @param report told of every step
 */
export async function arrive(
  { name, sampling }: { name: string; sampling: string },
  hub: Hub,
  report: (at: Omit<Arrival, 'name'>) => void,
  signal: AbortSignal,
): Promise<Checkpoint> {
  const found = await findModel(name, hub);
  const load = (folder: string) => {
    report(loading(found.name));
    return loadCheckpoint(folder, found.name, 'bundled' in found && found.bundled, sampling);
  };
  if ('folder' in found) {
    try {
      return await load(found.folder);
    } catch (error) {
      if (!(error instanceof CheckpointError && isHubName(found.name) && !hub.offline)) throw error;
    }
  }
  return load(await fetchPatiently(found.name, hub, report, signal));
}

async function fetchPatiently(
  name: string,
  hub: Hub,
  report: (at: Omit<Arrival, 'name'>) => void,
  signal: AbortSignal,
): Promise<string> {
  let at: FetchProgress = { done: 0, total: 0 };
  const tell = (error: string | null) => {
    const progress = at.total > 0 ? at.done / at.total : 0;
    report({ state: 'FETCHING', progress, total: at.total || null, error });
  };
  tell(null);
  const onProgress = (now: FetchProgress) => {
    at = now;
    tell(null);
  };
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return (await fetchModel(hub, name, { onProgress, signal })).folder;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HubError && error.retryable)) throw error;
      tell(`${error.message} Trying again in ${pause / 1000} s.`);
      await delay(pause, null, { signal });
    }
  }
}
