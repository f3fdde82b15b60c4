import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Models } from '../models/models.ts';
import type { Store } from '../store/store.ts';
import type { Ingestion } from '../store/types.ts';
import { titleOf } from './details.ts';
import { type EnqueueInput, enqueue } from './enqueue.ts';
import { createWorker } from './worker.ts';

/** What an ingestion needs of the rest of the program. */
export interface IngestParts {
  store: Store;
  models: Models;
  log: Logger;
  /** Folders that paths may lie in. */
  mediaDirs: string[];
}

/** The pipeline and its queue: takes sources in, and runs one ingestion at a time in this process. */
export interface Ingest {
  /** Queues a source. Throws `BAD_USER_INPUT`, `SOURCE_NOT_ALLOWED`, `SOURCE_NOT_FOUND`, `UPLOAD_INCOMPLETE`. */
  enqueue(input: EnqueueInput): Promise<Ingestion>;
  /** Queues every video of `folder`, in the order of their names, if nothing was ever ingested; how many. */
  enqueueSamples(folder: string): Promise<number>;
  /** Removes a video and stops what runs for it. False: there is no such video. */
  deleteVideo(id: string): Promise<boolean>;
  /** Starts the worker; what a killed process left behind goes on. */
  start(): void;
  /** Stops the running clip and puts its ingestion back into the queue; at most a few seconds. */
  stop(): Promise<void>;
}

export function createIngest({ store, models, log, mediaDirs }: IngestParts): Ingest {
  const worker = createWorker({ store, models, log });
  return {
    async enqueue(input) {
      const ingestion = await enqueue(store, mediaDirs, input);
      worker.wake();
      return ingestion;
    },
    async enqueueSamples(folder) {
      if ((await store.ingestions.page({ first: 1 })).edges.length > 0) return 0;
      const names = (await readdir(folder)).filter((name) => name.endsWith('.mp4')).sort();
      const root = await realpath(folder);
      await store.ingestions.createAll(
        names.map((name) => ({
          source: { kind: 'PATH', name, path: join(root, name) },
          title: sampleTitle(name),
        })),
      );
      worker.wake();
      return names.length;
    },
    async deleteVideo(id) {
      await worker.leave(id);
      return store.videos.delete(id);
    },
    start: worker.start,
    stop: worker.stop,
  };
}

/** `red-circle-moving-left.mp4` → `Red circle moving left`. */
function sampleTitle(name: string): string {
  const words = titleOf(name).replaceAll(/[-_]+/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
