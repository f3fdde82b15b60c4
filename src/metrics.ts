import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** How an ingestion ended. */
export type Outcome = 'succeeded' | 'duplicate' | 'failed' | 'cancelled';

/** What tells how the queue is. */
export interface QueueState {
  /** How many ingestions there are in each state. */
  counts(): Promise<Record<string, number>>;
  /** Seconds that the first in line has been due; 0 when nothing is. */
  queueAge(): Promise<number>;
}

/** What this process tells about its work, in the text format of Prometheus. Times in seconds. */
export interface Metrics {
  stageEnded(stage: string, seconds: number): void;
  ingestionEnded(outcome: Outcome, code?: string): void;
  clipEncoded(seconds: number): void;
  searched(seconds: number): void;
  classified(seconds: number): void;
  /** From now on the queue is told of, too; a database that does not answer leaves the rest as it is. */
  watchQueue(queue: QueueState): void;
  contentType: string;
  text(): Promise<string>;
}

/** Seconds: from a probe of 50 ms to the embedding of a long film. */
const STAGE_BUCKETS = [0.05, 0.2, 1, 5, 20, 60, 300, 1200, 3600, 14_400];
const QUERY_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Instruments of their own for each call, so that several servers may run in one process. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const stages = new Histogram({
    ...{ name: 'clipql_stage_seconds', help: 'How long the stages of ingestions took.', registers },
    ...{ labelNames: ['stage'], buckets: STAGE_BUCKETS },
  });
  const ended = new Counter({
    ...{ name: 'clipql_ingestions_ended_total', help: 'Ingestions that ended in this process.', registers },
    labelNames: ['outcome', 'code'],
  });
  const clips = new Counter({
    ...{ name: 'clipql_encoder_clips_total', help: 'Clips that the video encoder encoded.', registers },
  });
  const busy = new Counter({
    ...{ name: 'clipql_encoder_busy_seconds_total', help: 'How long the video encoder was busy.', registers },
  });
  const searches = new Histogram({
    ...{ name: 'clipql_search_seconds', help: 'How long searches took.', registers, buckets: QUERY_BUCKETS },
  });
  const classifications = new Histogram({
    ...{ name: 'clipql_classification_seconds', help: 'How long classifications took.', registers },
    buckets: QUERY_BUCKETS,
  });

  function watchQueue(queue: QueueState): void {
    new Gauge({
      ...{ name: 'clipql_ingestions', help: 'Ingestions in each state, of all processes.', registers },
      labelNames: ['state'],
      async collect() {
        const counts = await queue.counts().catch(() => ({}));
        this.reset();
        for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
      },
    });
    new Gauge({
      ...{ name: 'clipql_queue_age_seconds', help: 'How long the first in line has been due.', registers },
      async collect() {
        const age = await queue.queueAge().catch(() => null);
        if (age === null) this.remove();
        else this.set(age);
      },
    });
  }

  return {
    stageEnded: (stage, seconds) => stages.observe({ stage }, seconds),
    ingestionEnded: (outcome, code = '') => ended.inc({ outcome, code }),
    clipEncoded(seconds) {
      clips.inc();
      busy.inc(seconds);
    },
    searched: (seconds) => searches.observe(seconds),
    classified: (seconds) => classifications.observe(seconds),
    watchQueue,
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
