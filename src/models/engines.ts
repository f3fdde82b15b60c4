import type { StoredModel } from '../store/models.ts';
import { type Checkpoint, loadCheckpoint } from '../xclip/checkpoint.ts';
import type { Hub } from '../xclip/hub/hub.ts';
import { openXClip } from '../xclip/open-xclip.ts';
import { findModel } from '../xclip/resolve-model.ts';
import type { EngineOptions, XClip } from '../xclip/xclip.ts';
import { notReady, reasonOf } from './not-ready.ts';

/** Milliseconds after which an engine that could not be opened is tried again: its weights may have come back. */
const TRY_AGAIN = 5_000;
/** Milliseconds an engine is kept when its model is not used any more: requests that began with it end. */
const KEEP = 60_000;

/** The engines that are open, one a model; each is opened when first needed. */
export interface Engines {
  /** Of a model whose checkpoint was just loaded; one that failed before is tried again at once. */
  open(checkpoint: Checkpoint): Promise<XClip>;
  /** Of a stored model, from the place its name leads to. Throws `MODEL_NOT_READY`. */
  of(model: StoredModel): Promise<XClip>;
  /** The engine if it is open, and why it could not be opened if that failed lately. */
  peek(fingerprint: string): { engine?: XClip; failure?: string };
  /** Closes the others, once what uses them has ended. */
  keepOnly(fingerprints: string[]): void;
  close(): Promise<void>;
}

/** `cache` is a folder for weights that are made from a model's, when none can be written beside them. */
export function createEngines(hub: Hub, options: EngineOptions, cache: string): Engines {
  const engines = new Map<string, { opening: Promise<XClip>; engine?: XClip; failed?: Error; at?: number }>();
  let needed = new Set<string>();

  function opened(fingerprint: string, open: () => Promise<XClip>, tryAgain: number): Promise<XClip> {
    const known = engines.get(fingerprint);
    if (known && !(known.failed && performance.now() - (known.at ?? 0) >= tryAgain)) return known.opening;
    const entry: NonNullable<typeof known> = { opening: open() };
    engines.set(fingerprint, entry);
    entry.opening.then(
      (engine) => Object.assign(entry, { engine }),
      (failed) => Object.assign(entry, { failed, at: performance.now() }),
    );
    return entry.opening;
  }

  async function openStored({ name, fingerprint }: StoredModel): Promise<XClip> {
    const failed = (error: string, cause?: unknown) =>
      notReady({ name, state: 'FAILED', progress: 0, total: null, error }, cause);
    try {
      const found = await findModel(name, hub);
      if ('missing' in found) throw failed(`${found.missing}. Fetch it: npx clipql model pull ${name}`);
      const checkpoint = await loadCheckpoint(found.folder, found.name, found.bundled);
      if (checkpoint.fingerprint !== fingerprint) {
        throw failed(
          'its files have changed since the library was embedded. Activate it again to embed anew.',
        );
      }
      return await openXClip(checkpoint, options, cache);
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
    open: (checkpoint) => opened(checkpoint.fingerprint, () => openXClip(checkpoint, options, cache), 0),
    of: (model) => opened(model.fingerprint, () => openStored(model), TRY_AGAIN),
    peek(fingerprint) {
      const { engine, failed } = engines.get(fingerprint) ?? {};
      return { ...(engine && { engine }), ...(failed && { failure: failed.message }) };
    },
    keepOnly(fingerprints) {
      needed = new Set(fingerprints);
      for (const fingerprint of engines.keys()) {
        setTimeout(() => needed.has(fingerprint) || closeOne(fingerprint), KEEP).unref();
      }
    },
    async close() {
      await Promise.all([...engines.keys()].map(closeOne));
    },
  };
}
