import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import type { Ingestion } from '../store/types.ts';
import type { XClip } from '../xclip/xclip.ts';
import type { EnqueueInput } from './enqueue.ts';

/** What an ingestion needs of the rest of the program. */
export interface IngestParts {
  store: Store;
  model: XClip;
  log: Logger;
  /** Folders that paths may lie in. */
  mediaDirs: string[];
}

/** The pipeline and its queue: takes sources in, and runs one ingestion at a time in this process. */
export interface Ingest {
  /** Queues a source. Throws `BAD_USER_INPUT`, `SOURCE_NOT_ALLOWED`, `SOURCE_NOT_FOUND`, `UPLOAD_INCOMPLETE`. */
  enqueue(input: EnqueueInput): Promise<Ingestion>;
  /** Queues every file of `folder`, in the order of their names, if nothing was ever ingested; how many. */
  enqueueSamples(folder: string): Promise<number>;
  /** Removes a video and stops what runs for it. False: there is no such video. */
  deleteVideo(id: string): Promise<boolean>;
  /** Starts the worker; what a killed process left behind goes on. */
  start(): void;
  /** Stops the running clip and puts its ingestion back into the queue; at most a few seconds. */
  stop(): Promise<void>;
}

export function createIngest(_parts: IngestParts): Ingest {
  throw new Error('Not built yet.');
}
