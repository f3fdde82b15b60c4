import pino from 'pino';
import type { IngestParts } from '#src/ingest/ingest.js';
import { createMetrics } from '#src/metrics.js';
import type { Library } from '../open-library.js';

/** What ingestion needs, with one media folder; `services` may be asked for URLs although they are private. */
export function ingestParts(library: Library, media: string, services: string[] = []): IngestParts {
  return {
    ...library,
    log: pino({ level: 'silent' }),
    metrics: createMetrics(),
    mediaDirs: [media],
    downloads: { maxBytes: 1e9, hosts: services, ytdlp: null },
  };
}
