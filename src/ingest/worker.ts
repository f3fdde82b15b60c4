import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { ClipqlError, toClipqlError } from '../errors.ts';
import type { Models } from '../models/models.ts';
import { LeaseLost } from '../store/lease.ts';
import type { Store } from '../store/store.ts';
import type { Ingestion, Lease } from '../store/types.ts';
import type { XClip } from '../xclip/xclip.ts';
import { embedAgain } from './embed-again.ts';
import { type IngestionStage, runIngestion } from './run-ingestion.ts';

/** After so many seconds without a heartbeat an ingestion is another worker's. */
const LEASE_SECONDS = 30;
const HEARTBEAT_MS = 2_000;
/** Progress is written no more often than this. */
const REPORT_MS = 250;
/** How often the queue is looked at while it is empty: others may fill it, and delayed ones come due. */
const POLL_MS = 1_000;
/** How long an ingestion waits before it looks again for what it waits for: another of the same bytes, or a model. */
const WAIT_SECONDS = 10;

/** The reasons for leaving a running ingestion that are no failure of it. */
const STOP = Symbol('the process stops');
const DELETE = Symbol('its video is being deleted');

interface WorkerParts {
  store: Store;
  models: Models;
  log: Logger;
}

/** Runs the queued ingestions, one at a time, while there is a model to embed with. */
export interface Worker {
  start(): void;
  /** Something was queued: look at once. */
  wake(): void;
  /** Leaves the running ingestion if it is on this video; it writes nothing more once this resolves. */
  leave(videoId: string): Promise<void>;
  stop(): Promise<void>;
}

export function createWorker(parts: WorkerParts): Worker {
  const { store, models, log } = parts;
  let running: { ingestion: Ingestion; abort: AbortController; ended: Promise<void> } | null = null;
  let looping: Promise<void> | null = null;
  let stopped = false;
  let wake = () => {};

  async function loop(): Promise<void> {
    while (!stopped) {
      // A name of its own for each claim, so that what an earlier run still sends is refused.
      const worker = randomUUID();
      const ingestion = await claim(worker).catch((error) => {
        log.error({ err: error }, 'cannot read the queue');
        return null;
      });
      if (ingestion) await run(ingestion, { id: ingestion.id, worker });
      else if (!stopped) await idle();
    }
  }

  async function claim(worker: string): Promise<Ingestion | null> {
    await models.switchIfComplete();
    const ready = await models.active().then(
      () => true,
      () => false,
    );
    // What is embedded with the model to come does not need the present one.
    return store.ingestions.claim(worker, LEASE_SECONDS, { storedOnly: !ready });
  }

  function idle(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function run(ingestion: Ingestion, lease: Lease): Promise<void> {
    const abort = new AbortController();
    if (stopped) abort.abort(STOP);
    const ended = runLeased(parts, ingestion, lease, abort).catch((error) => {
      if (error instanceof LeaseLost) return; // Deleted while it ended.
      // Not even its end could be written: its lease runs out, and it starts again.
      log.error({ err: error, ingestion: ingestion.id }, 'cannot end an ingestion');
    });
    running = { ingestion, abort, ended };
    await ended;
    running = null;
  }

  /** An ingestion comes to its video while it runs. */
  async function videoOf(ingestion: Ingestion | undefined): Promise<string | null> {
    return (ingestion && (await store.ingestions.get(ingestion.id))?.videoId) ?? null;
  }

  return {
    start() {
      looping ??= loop();
    },
    wake: () => wake(),
    async leave(videoId) {
      const current = running;
      const known = current?.ingestion.videoId ?? (await videoOf(current?.ingestion));
      if (known !== videoId) return;
      current?.abort.abort(DELETE);
      await current?.ended;
    },
    async stop() {
      stopped = true;
      wake();
      running?.abort.abort(STOP);
      await looping;
    },
  };
}

/** One ingestion from its claim to its end, with heartbeats. */
async function runLeased(
  parts: WorkerParts,
  ingestion: Ingestion,
  lease: Lease,
  abort: AbortController,
): Promise<void> {
  const { store, models } = parts;
  const log = parts.log.child({ ingestion: ingestion.id });
  let at: IngestionStage = { stage: 'hash', progress: 0 };
  let written = 0;
  let model: XClip | undefined;
  const heartbeat = () => {
    written = performance.now();
    store.ingestions.heartbeat(lease, at).then(
      (ours) => ours || abort.abort(new LeaseLost()),
      (error) => log.warn({ err: error }, 'heartbeat failed'),
    );
  };
  const beating = setInterval(heartbeat, HEARTBEAT_MS);
  const report = (now: IngestionStage) => {
    const changed = now.stage !== at.stage;
    at = now;
    if (changed || performance.now() - written > REPORT_MS) heartbeat();
  };
  try {
    model = await (ingestion.model ? models.engine(ingestion.model) : models.active());
    const runs = ingestion.model ? embedAgain : runIngestion;
    const outcome = await runs({ store, model }, lease, ingestion, report, abort.signal);
    if (outcome === 'waiting') await store.ingestions.release(lease, { after: WAIT_SECONDS });
    log.info(outcome === 'waiting' ? 'waits for another ingestion of the same bytes' : 'ingested');
  } catch (error) {
    await settle(error);
  } finally {
    clearInterval(beating);
  }

  async function settle(error: unknown): Promise<void> {
    const reason = abort.signal.aborted ? abort.signal.reason : error;
    if (reason === DELETE) return;
    if (reason === STOP) return store.ingestions.release(lease);
    if (reason instanceof LeaseLost) {
      log.info('left: it was cancelled, or another worker has it');
      return store.sweep(); // What it wrote after its video was deleted.
    }
    if (await lacksModel(error)) return store.ingestions.release(lease, { after: WAIT_SECONDS });
    const failure = toClipqlError(error);
    log[failure.code === 'INTERNAL' ? 'error' : 'info']({ err: error }, 'failed');
    const { code, message, retryable } = failure;
    await store.ingestions.fail(lease, { code, message, retryable });
  }
  /** Its weights are gone for now, or it was removed from the library meanwhile. */
  async function lacksModel(error: unknown): Promise<boolean> {
    if (error instanceof ClipqlError && error.code === 'MODEL_NOT_READY') return true;
    return model !== undefined && (await store.models.get(model.fingerprint)) === null;
  }
}
