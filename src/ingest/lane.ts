import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { LeaseLost } from '../store/lease.ts';
import type { Store } from '../store/store.ts';
import type { Ingestion, Lease } from '../store/types.ts';
import { DELETED, type Running, STOPPED } from './run-leased.ts';

/** How often the queue is looked at while nothing is heard of it: delayed ingestions come due, leases run out. */
const POLL_MS = 1_000;

interface LaneParts {
  store: Store;
  log: Logger;
  /** So many run at the same time. */
  slots: number;
  /** @param beside others run */
  claim(worker: string, beside: boolean): Promise<Ingestion | null>;
  /** Runs one to its end. */
  run(running: Running): Promise<void>;
}

/** Takes ingestions of one kind from the queue and runs some of them at the same time. */
export interface Lane {
  start(): void;
  /** Something changed: look at once. */
  wake(): void;
  /** Leaves the ingestion if it runs here and is no longer ours. */
  check(ingestionId: string): Promise<void>;
  checkAll(): Promise<void>;
  /** Leaves what runs for this video; it writes nothing more once this resolves. */
  leave(videoId: string): Promise<void>;
  stop(): Promise<void>;
}

export function createLane({ store, log, slots, claim, run }: LaneParts): Lane {
  /** By the name the worker has for it. */
  const running = new Map<string, Running & { suspect: boolean; ended: Promise<void> }>();
  let looping: Promise<void> | null = null;
  let stopped = false;
  let news = false;
  let hear = () => {};

  const wake = () => {
    news = true;
    hear();
  };

  async function loop(): Promise<void> {
    while (!stopped) {
      news = false;
      const claimed = await claimNext();
      if (claimed) begin(claimed);
      else await somethingNew();
    }
  }

  async function claimNext(): Promise<{ ingestion: Ingestion; lease: Lease } | null> {
    const suspects = [...running.values()].some(({ suspect }) => suspect);
    if (suspects || running.size >= slots) return null;
    // A name of its own for each claim, so that what an earlier run still sends is refused.
    const worker = randomUUID();
    const ingestion = await claim(worker, running.size > 0).catch((error) => {
      log.error({ err: error }, 'cannot read the queue');
      return null;
    });
    return ingestion && { ingestion, lease: { id: ingestion.id, worker } };
  }

  function somethingNew(): Promise<void> {
    return new Promise((resolve) => {
      if (news || stopped) return resolve();
      const timer = setTimeout(resolve, POLL_MS);
      hear = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  function begin({ ingestion, lease }: { ingestion: Ingestion; lease: Lease }): void {
    const abort = new AbortController();
    const entry = {
      ...{ ingestion, lease, abort, suspect: ingestion.crashes > 0, ended: Promise.resolve() },
      gotSomewhere() {
        if (entry.suspect) wake();
        entry.suspect = false;
      },
    };
    running.set(lease.worker, entry);
    if (stopped) abort.abort(STOPPED);
    entry.ended = run(entry)
      .catch((error) => log.error({ err: error, ingestion: ingestion.id }, 'an ingestion broke off'))
      .finally(() => {
        running.delete(lease.worker);
        wake();
      });
  }

  async function check(entries: Running[]): Promise<void> {
    for (const { lease, abort } of entries) {
      const ours = await store.queue.holds(lease).catch(() => true); // the heartbeat will tell
      if (!ours) abort.abort(new LeaseLost());
    }
  }

  /** An ingestion comes to its video while it runs. */
  async function videoOf({ ingestion }: Running): Promise<string | null> {
    return ingestion.videoId ?? (await store.ingestions.get(ingestion.id))?.videoId ?? null;
  }

  return {
    start() {
      looping ??= loop();
    },
    wake,
    check: (id) => check([...running.values()].filter((entry) => entry.ingestion.id === id)),
    checkAll: () => check([...running.values()]),
    async leave(videoId) {
      for (const entry of [...running.values()]) {
        if ((await videoOf(entry)) !== videoId) continue;
        entry.abort.abort(DELETED);
        await entry.ended;
      }
    },
    async stop() {
      stopped = true;
      wake();
      await looping;
      for (const { abort } of running.values()) abort.abort(STOPPED);
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}
