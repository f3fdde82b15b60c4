import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import { ClipqlError } from '../errors.ts';
import type { DownloadSettings } from '../media/download/download.ts';
import type { Metrics } from '../metrics.ts';
import type { Models } from '../models/models.ts';
import type { Store } from '../store/store.ts';
import { embedAgain } from './embed-again.ts';
import { fetchSource } from './fetch-source.ts';
import { createLane, type Lane } from './lane.ts';
import { recut } from './recut.ts';
import { runIngestion } from './run-ingestion.ts';
import { runLeased, type Work } from './run-leased.ts';

/** After so many seconds without a heartbeat an ingestion is another worker's. */
const LEASE_SECONDS = 30;
/** Downloads at the same time: they wait for others more than for us. */
const FETCHING = 4;
/** Videos at the same time: while one is in the encoder, of which there is one, the others are read and decoded. */
const EMBEDDING = Math.min(8, Math.max(3, availableParallelism()));

export interface WorkerParts {
  store: Store;
  models: Models;
  metrics: Metrics;
  log: Logger;
  downloads: DownloadSettings;
}

/** Runs queued ingestions: some are fetched while others are embedded. */
export type Worker = Lane;

export function createWorker({ store, models, metrics, log, downloads }: WorkerParts): Worker {
  const fetching = createLane({
    ...{ store, log, slots: FETCHING },
    claim: (worker) => store.queue.claim(worker, LEASE_SECONDS, { fetch: true }),
    run: (running) => runLeased({ store, metrics, log }, running, fetch),
  });
  const embedding = createLane({
    ...{ store, log, slots: EMBEDDING },
    async claim(worker, beside) {
      await models.switchIfComplete();
      // What is embedded with the model to come does not need the present one.
      const storedOnly = await models.active().then(
        () => false,
        () => true,
      );
      return store.queue.claim(worker, LEASE_SECONDS, { storedOnly, beside });
    },
    run: (running) => runLeased({ store, metrics, log }, running, embed),
  });
  const lanes = [fetching, embedding];
  const each = async (act: (lane: Lane) => unknown) => void (await Promise.all(lanes.map(act)));

  const fetch: Work = (lease, ingestion, report, signal) =>
    fetchSource({ store, downloads }, lease, ingestion, report, signal);

  const embed: Work = async (lease, ingestion, report, signal) => {
    const model = await (ingestion.model ? models.engine(ingestion.model) : models.active());
    const run = ingestion.model ? embedAgain : ingestion.recuts ? recut : runIngestion;
    try {
      return await run({ store, model, metrics }, lease, ingestion, report, signal);
    } catch (error) {
      // The model may have been removed from the library meanwhile: then there is another one to do it with.
      if (!signal.aborted && !(await store.models.get(model.fingerprint))) {
        throw new ClipqlError('MODEL_NOT_READY', 'The model was removed.', { cause: error });
      }
      throw error;
    }
  };

  return {
    start: () => void each((lane) => lane.start()),
    wake: () => void each((lane) => lane.wake()),
    check: (id) => each((lane) => lane.check(id)),
    checkAll: () => each((lane) => lane.checkAll()),
    leave: (videoId) => each((lane) => lane.leave(videoId)),
    stop: () => each((lane) => lane.stop()),
  };
}
