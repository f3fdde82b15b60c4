import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ClipqlError, noVideo, toClipqlError } from '../errors.ts';
import type { NewIngestion } from '../store/ingestions.ts';
import type { Ingestion, IngestionChange } from '../store/types.ts';
import { titleOf } from './details.ts';
import { type EnqueueInput, type SourceSettings, toIngest } from './enqueue.ts';
import { type EnqueueFolderInput, enqueueFolder, type FolderResult } from './enqueue-folder.ts';
import { cleanSegmentation, type GivenSegmentation } from './segmentation.ts';
import { createWorker, type WorkerParts } from './worker.ts';

/** What an ingestion needs of the rest of the program. */
export interface IngestParts extends WorkerParts, SourceSettings {}

/** The pipeline and its queue: takes sources in, and runs their ingestions in this process once it is started. */
export interface Ingest {
  /** Queues a source. Throws `BAD_USER_INPUT`, `SOURCE_NOT_ALLOWED`, `SOURCE_NOT_FOUND`, `UPLOAD_INCOMPLETE`. */
  enqueue(input: EnqueueInput): Promise<Ingestion>;
  /** Queues those of many sources that can be; an ingestion or an error for each, in their order. */
  enqueueAll(inputs: EnqueueInput[]): Promise<(Ingestion | ClipqlError)[]>;
  /** Queues what is new in a folder. Throws `BAD_USER_INPUT`, `SOURCE_NOT_ALLOWED`, `SOURCE_NOT_FOUND`. */
  enqueueFolder(input: EnqueueFolderInput): Promise<FolderResult>;
  /** Queues every video of `folder`, in the order of their names, if nothing was ever ingested; how many. */
  enqueueSamples(folder: string): Promise<number>;
  /** Ends an ingestion; one that has ended stays as it is. Throws `NOT_FOUND`. */
  cancel(id: string): Promise<Ingestion>;
  /** Puts a failed or cancelled ingestion back into the queue. Throws `NOT_FOUND`, `NOT_RETRYABLE`. */
  retry(id: string): Promise<Ingestion>;
  /** Cuts a searchable video into other clips. Throws `BAD_USER_INPUT`, `NOT_FOUND`, `VIDEO_NOT_READY`. */
  resegment(videoId: string, segmentation: GivenSegmentation): Promise<Ingestion>;
  /** Removes a video and stops what runs for it. False: there is no such video. */
  deleteVideo(id: string): Promise<boolean>;
  /** An ingestion has changed, or (null) some may have: takes up what is due, and leaves what is no longer ours. */
  notice(change: IngestionChange | null): void;
  /** Starts the worker; what a killed process left behind goes on. */
  start(): void;
  /** Stops the running clips and puts their ingestions back into the queue; at most a few seconds. */
  stop(): Promise<void>;
}

export function createIngest(parts: IngestParts): Ingest {
  const { store, metrics } = parts;
  const worker = createWorker(parts);

  async function enqueueAll(inputs: EnqueueInput[]): Promise<(Ingestion | ClipqlError)[]> {
    const checked = await Promise.all(
      inputs.map((input) => toIngest(store, parts, input).catch((error) => toClipqlError(error))),
    );
    const good = checked.filter((one): one is NewIngestion => !(one instanceof ClipqlError));
    const created = await store.ingestions.createAll(good, 'batch');
    worker.wake();
    return checked.map((one) => (one instanceof ClipqlError ? one : (created.shift() as Ingestion)));
  }

  return {
    async enqueue(input) {
      const ingestion = await store.ingestions.create(await toIngest(store, parts, input));
      worker.wake();
      return ingestion;
    },
    enqueueAll,
    enqueueFolder: (input) => enqueueFolder(store, parts, input, worker.wake),
    async enqueueSamples(folder) {
      if ((await store.ingestions.page({ first: 1 })).edges.length > 0) return 0;
      const names = (await readdir(folder)).filter((name) => name.endsWith('.mp4')).sort();
      const root = await realpath(folder);
      await store.ingestions.createAll(
        names.map((name) => ({
          source: { kind: 'PATH', name, path: join(root, name) },
          title: sampleTitle(name),
        })),
        'folder',
      );
      worker.wake();
      return names.length;
    },
    async cancel(id) {
      const before = await store.ingestions.get(id);
      const ingestion = await store.ingestions.cancel(id);
      if (!ingestion) throw noIngestion();
      if (before?.finishedAt === null && ingestion.state === 'CANCELLED') metrics.ingestionEnded('cancelled');
      await worker.check(id);
      return ingestion;
    },
    async retry(id) {
      const before = await store.ingestions.get(id);
      if (before?.state === 'SUCCEEDED') {
        throw new ClipqlError('NOT_RETRYABLE', 'This ingestion has succeeded: there is nothing to retry.');
      }
      const ingestion = await store.ingestions.retry(id);
      if (!ingestion) throw noIngestion();
      worker.wake();
      return ingestion;
    },
    async resegment(videoId, given) {
      const segmentation = cleanSegmentation(given);
      const video = await store.videos.get(videoId);
      if (video && !video.searchable) {
        throw new ClipqlError(
          'VIDEO_NOT_READY',
          'The video is not embedded yet. Wait until it is searchable.',
        );
      }
      const ingestion = video && (await store.videos.recut(videoId, segmentation));
      if (!ingestion) throw noVideo();
      worker.wake();
      return ingestion;
    },
    async deleteVideo(id) {
      await worker.leave(id);
      return store.videos.delete(id);
    },
    notice(change) {
      if (change === null || change.state === 'QUEUED') worker.wake();
      if (change === null) void worker.checkAll();
      else if (change.state === 'CANCELLED') void worker.check(change.id);
    },
    start: worker.start,
    stop: worker.stop,
  };
}

const noIngestion = () => new ClipqlError('NOT_FOUND', 'There is no ingestion with this id.');

/** `red-circle-moving-left.mp4` → `Red circle moving left`. */
function sampleTitle(name: string): string {
  const words = titleOf(name).replaceAll(/[-_]+/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
