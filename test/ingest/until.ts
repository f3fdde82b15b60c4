import { setTimeout } from 'node:timers/promises';
import type { Store } from '#src/store/store.js';
import type { Ingestion } from '#src/store/types.js';

/** Looks at an ingestion again and again until it is as wanted (default: finished). */
export async function ingestionIs(
  store: Store,
  id: string,
  wanted: (ingestion: Ingestion) => boolean = ({ finishedAt }) => finishedAt !== null,
): Promise<Ingestion> {
  for (;;) {
    const ingestion = await store.ingestions.get(id);
    if (ingestion && wanted(ingestion)) return ingestion;
    await setTimeout(20);
  }
}
