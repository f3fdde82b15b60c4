import { expect, test } from 'vitest';
import { createMetrics, type Metrics } from '#src/metrics.js';

/** The lines of one instrument, as Prometheus reads them. */
const lines = async (metrics: Metrics, name: string) =>
  (await metrics.text()).split('\n').filter((line) => line.startsWith(name));

test('the queue is told of as it is when it is asked for', async () => {
  const metrics = createMetrics();
  let queue = { counts: { QUEUED: 2 } as Record<string, number>, age: 7 };
  metrics.watchQueue({ counts: async () => queue.counts, queueAge: async () => queue.age });
  expect(await lines(metrics, 'clipql_queue_age_seconds ')).toEqual(['clipql_queue_age_seconds 7']);
  queue = { counts: { QUEUED: 0, RUNNING: 1 }, age: 0 };
  expect(await lines(metrics, 'clipql_queue_age_seconds ')).toEqual(['clipql_queue_age_seconds 0']);
  expect(await lines(metrics, 'clipql_ingestions{')).toEqual([
    'clipql_ingestions{state="QUEUED"} 0',
    'clipql_ingestions{state="RUNNING"} 1',
  ]);
});

test('without the database all else is told', async () => {
  const metrics = createMetrics();
  const away = () => Promise.reject(new Error('away'));
  metrics.watchQueue({ counts: away, queueAge: away });
  metrics.ingestionEnded('failed', 'NOT_A_VIDEO');
  metrics.ingestionEnded('succeeded');
  metrics.clipEncoded(0.5);
  metrics.clipEncoded(0.25);
  metrics.stageEnded('probe', 0.1);
  metrics.stageEnded('probe', 3);
  metrics.searched(0.03);
  metrics.classified(0.3);
  const text = (await metrics.text()).split('\n');
  expect(text).toEqual(
    expect.arrayContaining([
      'clipql_ingestions_ended_total{outcome="failed",code="NOT_A_VIDEO"} 1',
      'clipql_ingestions_ended_total{outcome="succeeded",code=""} 1',
      'clipql_encoder_clips_total 2',
      'clipql_encoder_busy_seconds_total 0.75',
      'clipql_stage_seconds_bucket{le="1",stage="probe"} 1',
      'clipql_stage_seconds_sum{stage="probe"} 3.1',
      'clipql_search_seconds_bucket{le="0.025"} 0',
      'clipql_search_seconds_bucket{le="0.05"} 1',
      'clipql_classification_seconds_count 1',
    ]),
  );
  expect(text.filter((line) => /^clipql_(ingestions[{]|queue_age)/.test(line))).toEqual([]);
  expect(text.some((line) => line.startsWith('process_resident_memory_bytes '))).toBe(true);
});

test('several in one process count apart', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.clipEncoded(1);
  expect(await lines(other, 'clipql_encoder_clips_total')).toEqual(['clipql_encoder_clips_total 0']);
});
