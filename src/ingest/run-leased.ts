import type { Logger } from 'pino';
import { ClipqlError, toClipqlError } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { LeaseLost } from '../store/lease.ts';
import type { Store } from '../store/store.ts';
import type { Ingestion, IngestionStage, Lease } from '../store/types.ts';

const HEARTBEAT_MS = 2_000;
/** Progress is written no more often than this. */
const REPORT_MS = 250;
/** How long an ingestion waits before it looks again for what it waits for: another of the same bytes, or a model. */
const WAIT_SECONDS = 10;

/** The reasons for leaving a running ingestion that are no failure of it. */
export const STOPPED = Symbol('the process stops');
export const DELETED = Symbol('its video is being deleted');

/** Where an ingestion is, for its row. */
export interface Progress {
  stage: IngestionStage;
  /** 0 to 1, over all stages. */
  progress: number;
}

/** A claimed ingestion while it runs. */
export interface Running {
  ingestion: Ingestion;
  lease: Lease;
  abort: AbortController;
  /** It has stored something: what killed its last worker, if anything did, is behind it. */
  gotSomewhere(): void;
}

/** What is done with a claimed ingestion. `'waiting'`: for another one; ask again later. `'fetched'`: its second half follows. */
export type Work = (
  lease: Lease,
  ingestion: Ingestion,
  report: (at: Progress) => void,
  signal: AbortSignal,
) => Promise<'done' | 'duplicate' | 'fetched' | 'waiting'>;

/** Runs an ingestion from its claim to its end, with heartbeats. */
export async function runLeased(
  { store, metrics, log: parent }: { store: Store; metrics: Metrics; log: Logger },
  { ingestion, lease, abort, gotSomewhere }: Running,
  work: Work,
): Promise<void> {
  const log = parent.child({ ingestion: ingestion.id });
  const beat = startHeartbeat();
  try {
    const outcome = await work(lease, ingestion, beat.report, abort.signal);
    if (outcome === 'waiting') await store.queue.release(lease, { after: WAIT_SECONDS });
    if (outcome === 'done') metrics.ingestionEnded('succeeded');
    if (outcome === 'duplicate') metrics.ingestionEnded('duplicate');
    log.info({ outcome }, outcome === 'waiting' ? 'waits for another of the same bytes' : 'ended well');
  } catch (error) {
    await settle(error).catch((trouble) => {
      if (trouble instanceof LeaseLost) return; // Deleted while it ended.
      // Not even its end could be written: its lease runs out, and it starts again.
      log.error({ err: trouble }, 'cannot end an ingestion');
    });
  } finally {
    beat.stop();
  }

  function startHeartbeat() {
    let at: Progress | null = null;
    let begun = performance.now();
    let written = 0;
    let last: Promise<unknown> = Promise.resolve();
    const write = () => {
      const now = at;
      if (!now) return;
      written = performance.now();
      // One after another: on connections of their own a later one may come first.
      last = last
        .then(() => store.queue.heartbeat(lease, now))
        .then(
          (ours) => ours || abort.abort(new LeaseLost()),
          (error) => log.warn({ err: error }, 'heartbeat failed'),
        );
    };
    const timer = setInterval(write, HEARTBEAT_MS);
    const endStage = () => {
      if (at) metrics.stageEnded(at.stage, (performance.now() - begun) / 1000);
      begun = performance.now();
    };
    return {
      report(now: Progress) {
        const changed = now.stage !== at?.stage;
        if (changed) {
          endStage();
          log.info({ stage: now.stage }, 'stage');
        } else if (at && now.stage === 'embed' && now.progress > at.progress) gotSomewhere();
        at = now;
        if (changed || performance.now() - written > REPORT_MS) write();
      },
      stop() {
        clearInterval(timer);
        endStage();
      },
    };
  }

  async function settle(error: unknown): Promise<void> {
    const reason = abort.signal.aborted ? abort.signal.reason : error;
    if (reason === DELETED) return;
    if (reason === STOPPED) return store.queue.release(lease);
    if (reason instanceof LeaseLost) {
      log.info('left: it was cancelled, or another worker has it');
      return store.sweep(); // What it wrote after its video was deleted.
    }
    if (error instanceof ClipqlError && error.code === 'MODEL_NOT_READY') {
      return store.queue.release(lease, { after: WAIT_SECONDS });
    }
    const { code, message, retryable, passing } = toClipqlError(error);
    log[code === 'INTERNAL' ? 'error' : 'info']({ err: error, code }, 'failed');
    const state = await store.queue.fail(lease, { code, message, retryable, passing });
    if (state === 'FAILED') metrics.ingestionEnded('failed', code);
  }
}
