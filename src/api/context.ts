import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Ingest } from '../ingest/ingest.ts';
import type { Metrics } from '../metrics.ts';
import type { Models } from '../models/models.ts';
import type { Store } from '../store/store.ts';
import type { IngestionFeed } from './live/ingestion-feed.ts';
import type { VideoUrls } from './video-urls.ts';

/** The parts that resolvers and routes work with. */
export interface Services {
  store: Store;
  models: Models;
  ingest: Ingest;
  metrics: Metrics;
  feed: IngestionFeed;
  urls: VideoUrls;
  log: Logger;
}

/** What a resolver gets beside its arguments. */
export interface Context {
  services: Services;
  /** The request carries the admin token. */
  admin: boolean;
  /** Aborted when the client has gone before its answer was complete. */
  signal: AbortSignal;
}

/** A signal that is aborted when the connection closes before the answer was written. */
export function clientGone(response: ServerResponse<IncomingMessage>): AbortSignal {
  const controller = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}
