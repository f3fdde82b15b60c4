import type { StoredModel } from '../store/models.ts';
import { type Checkpoint, loadCheckpoint } from '../xclip/checkpoint.ts';
import type { Hub } from '../xclip/hub/hub.ts';
import type { Making } from '../xclip/int8/int8-checkpoint.ts';
import { openXClip } from '../xclip/open-xclip.ts';
import { findModel } from '../xclip/resolve-model.ts';
import type { EngineOptions, XClip } from '../xclip/xclip.ts';
import { loading, notReady, reasonOf } from './not-ready.ts';

/** Milliseconds after which an engine that could not be opened is tried again: its weights may have come back. */
const TRY_AGAIN = 5_000;
/** Milliseconds an engine is kept when its model is not used any more: requests that began with it end. */
const KEEP = 60_000;

/** The engines that are open, one a model; each is opened when first needed. */
export interface Engines {
  /**
   * Of a model whose checkpoint was just loaded; one that failed before is tried again at once. `onMaking` is told how far
   * its weights are, 0 to 1, when they have to be made in another precision first, which takes a minute or more.
   */
  open(checkpoint: Checkpoint, onMaking: (share: number) => void): Promise<XClip>;
  /** Of a stored model, from the place its name leads to. Throws `MODEL_NOT_READY`, also while weights are made. */
  of(model: StoredModel): Promise<XClip>;
  /** The engine if it is open, why it could not be opened if that failed lately, and how far its weights are made. */
  peek(fingerprint: string): { engine?: XClip; failure?: string; made?: number };
  /** Closes the others, once what uses them has ended. */
  keepOnly(fingerprints: string[]): void;
  close(): Promise<void>;
}

/** An engine that is open or being opened. */
interface Entry {
  opening: Promise<XClip>;
  engine?: XClip;
  failed?: Error;
  /** When it failed. */
  at?: number;
  /** How far its weights are made, once that has begun, and what wants to know. */
  made?: number;
  begun: Promise<void>;
  onMaking?: (share: number) => void;
}

/** `cache` is a folder for weights that are made from a model's, when none can be written beside them. */
export function createEngines(hub: Hub, options: EngineOptions, cache: string): Engines {
  const engines = new Map<string, Entry>();
  const closing = new AbortController();
  let needed = new Set<string>();

  type Open = (making: Making) => Promise<XClip>;

  function opened(fingerprint: string, open: Open, tryAgain: number): Entry {
    const known = engines.get(fingerprint);
    if (known && !(known.failed && performance.now() - (known.at ?? 0) >= tryAgain)) return known;
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const report = (share: number) => {
      entry.made = share;
      begin();
      entry.onMaking?.(share);
    };
    const entry: Entry = { opening: open({ report, signal: closing.signal }), begun };
    engines.set(fingerprint, entry);
    entry.opening.then(
      (engine) => Object.assign(entry, { engine }),
      (failed) => Object.assign(entry, { failed, at: performance.now() }),
    );
    return entry;
  }

  async function openStored({ name, fingerprint, sampling }: StoredModel, making: Making): Promise<XClip> {
    const failed = (error: string, cause?: unknown) =>
      notReady({ name, state: 'FAILED', progress: 0, total: null, error }, cause);
    try {
      const found = await findModel(name, hub);
      if ('missing' in found) throw failed(`${found.missing}. Fetch it: npx clipql model pull ${name}`);
      const checkpoint = await loadCheckpoint(found.folder, found.name, found.bundled, sampling);
      if (checkpoint.fingerprint !== fingerprint) {
        throw failed(
          'its files have changed since the library was embedded. Activate it again to embed anew.',
        );
      }
      return await openXClip(checkpoint, options, cache, making);
    } catch (error) {
      throw error instanceof Error && 'code' in error ? error : failed(reasonOf(error), error);
    }
  }

  async function closeOne(fingerprint: string): Promise<void> {
    const entry = engines.get(fingerprint);
    engines.delete(fingerprint);
    await entry?.opening.then((engine) => engine.close()).catch(() => {});
  }

  return {
    open(checkpoint, onMaking) {
      const open: Open = (making) => openXClip(checkpoint, options, cache, making);
      const entry = opened(checkpoint.fingerprint, open, 0);
      if (entry.made !== undefined) onMaking(entry.made);
      entry.onMaking = onMaking;
      return entry.opening;
    },
    of(model) {
      const entry = opened(model.fingerprint, (making) => openStored(model, making), TRY_AGAIN);
      if (entry.engine || entry.failed) return entry.opening;
      const notYet = entry.begun.then(() => {
        throw notReady(loading(model.name, entry.made));
      });
      return Promise.race([entry.opening, notYet]);
    },
    peek(fingerprint) {
      const { engine, failed, made } = engines.get(fingerprint) ?? {};
      return {
        ...(engine && { engine }),
        ...(failed && { failure: failed.message }),
        ...(made !== undefined && { made }),
      };
    },
    keepOnly(fingerprints) {
      needed = new Set(fingerprints);
      for (const fingerprint of engines.keys()) {
        setTimeout(() => needed.has(fingerprint) || closeOne(fingerprint), KEEP).unref();
      }
    },
    async close() {
      closing.abort();
      await Promise.all([...engines.keys()].map(closeOne));
    },
  };
}
