import type { Store } from './store/store.ts';

/** Milliseconds between two lines. */
const EVERY = 2000;

/** Says how the ingestion of the first start's samples goes, until it is done; call the result to stop earlier. */
export function reportSamples(store: Store, count: number, say: (line: string) => void): () => void {
  let said = 0;
  const timer = setInterval(async () => {
    const states = ['QUEUED', 'RUNNING'] as const;
    const pages = await Promise.all(states.map((state) => store.ingestions.page({ first: 100, state })));
    const done = Math.max(0, count - pages.reduce((sum, page) => sum + page.edges.length, 0));
    if (done > said && done < count) say(`Samples: ${done} of ${count} ingested`);
    if (done === count) {
      clearInterval(timer);
      say(`Samples: all ${count} are ingested and can be searched.`);
    }
    said = Math.max(said, done);
  }, EVERY).unref();
  return () => clearInterval(timer);
}
