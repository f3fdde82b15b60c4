import type { Logger } from 'pino';
import { currentBackgrounds } from './current-backgrounds.ts';
import type { SearchParts } from './parts.ts';

/** Clips at a time: searches and other scoring come in between. */
const BATCH = 32;

/**
 * Brings every clip's background up to the model's present background texts, after a start with another card. A clip
 * whose features cannot be read stays as it is, and the log says so. Ends quietly when aborted.
 */
export async function refreshBackgrounds(
  parts: SearchParts & { log: Logger },
  signal: AbortSignal,
): Promise<void> {
  const { store, model, log } = parts;
  const request = { model: model.fingerprint, hash: model.backgroundHash, limit: BATCH };
  for (let after: { videoId: string; index: number } | undefined; !signal.aborted; ) {
    const clips = await store.clips.withOtherBackground({ ...request, after });
    after = clips.at(-1);
    if (!after) return;
    await currentBackgrounds(parts, clips, signal).catch((error) => {
      if (!signal.aborted)
        log.error({ err: error }, 'the background of some clips could not be computed again');
    });
  }
}
