import { setTimeout } from 'node:timers/promises';
import type { Store } from './store/store.ts';

/** Milliseconds between two lines. */
const EVERY = 2000;

/** Says how the ingestion of the first start's `count` samples goes, until all are done or `signal` is aborted. */
export async function reportSamples(
  store: Store,
  count: number,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let done = 0;
  while (done < count) {
    await setTimeout(EVERY, null, { signal, ref: false });
    const now = count - (await unfinished(store));
    if (now > done) say(`Samples: ${now} of ${count} ingested${now < count ? '' : '. Search them now.'}`);
    done = Math.max(done, now);
  }
}

async function unfinished(store: Store): Promise<number> {
  const pages = await Promise.all(
    (['QUEUED', 'RUNNING'] as const).map((state) => store.ingestions.page({ first: 100, state })),
  );
  return pages.reduce((sum, page) => sum + page.edges.length, 0);
}
