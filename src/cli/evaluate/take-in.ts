import { ingestSources } from '../ingest/ingest.ts';
import { createReport, type Ended } from '../ingest/report.ts';
import type { Client } from '../library/client.ts';
import type { Item } from './read-dataset.ts';

/** A file that could not be evaluated, and why. */
export interface Failure {
  file: string;
  code: string;
  message: string;
}

/** Sees to it that the videos of items are in the library: their ids by the items' paths, and what failed. */
export async function takeIn(
  client: Client,
  items: Item[],
  how: { inPlace?: boolean | undefined; clipSeconds?: number | undefined },
): Promise<{ ids: Map<string, string>; failures: Failure[] }> {
  const ended = new Map<string, Ended>();
  const report = createReport(items.length, { json: false });
  const listening = {
    ...report,
    ended(result: Ended) {
      ended.set(result.name, result);
      report.ended(result);
    },
  };
  const sources = items.map(({ source }) => source);
  await ingestSources(client, sources, { ...how, tag: [], wait: true }, listening);
  report.close();
  const ids = new Map<string, string>();
  const failures: Failure[] = [];
  for (const { name, path } of sources) {
    const { video, error, outcome } = ended.get(name) ?? {};
    if (video && (outcome === 'succeeded' || outcome === 'duplicate')) ids.set(path, video);
    else failures.push({ file: name, ...(error ?? { code: 'CANCELLED', message: 'It was cancelled.' }) });
  }
  return { ids, failures };
}
