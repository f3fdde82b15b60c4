import { type DownloadSettings, download } from '../media/download/download.ts';
import type { Store } from '../store/store.ts';
import type { Ingestion, Lease } from '../store/types.ts';
import { fittingTitle, titleOf } from './details.ts';
import type { Progress } from './run-leased.ts';

/** The share of the work that is the download, for the bar of a URL. */
export const DOWNLOAD_SHARE = 0.5;

/**
 * Fetches what a URL holds; the ingestion then goes back to the queue, to be embedded in its turn. What a former attempt
 * fetched is kept. Throws `LeaseLost`, what `download` throws, or the signal's reason.
 */
export async function fetchSource(
  { store, downloads }: { store: Store; downloads: DownloadSettings },
  lease: Lease,
  ingestion: Ingestion,
  report: (at: Progress) => void,
  signal: AbortSignal,
): Promise<'fetched'> {
  const { source } = ingestion;
  if (source.kind !== 'URL') throw new Error('Only a URL is fetched.');
  report({ stage: 'download', progress: 0 });
  if (!(await store.downloads.find(ingestion))) {
    const file = await store.downloads.begin(lease);
    const progress = (share: number) => report({ stage: 'download', progress: share * DOWNLOAD_SHARE });
    const { name, title, metadata } = await download(downloads, source.url, file, progress, signal);
    const called = title === null ? titleOf(name) : fittingTitle(title);
    await store.queue.describe(lease, { title: called, metadata });
    await store.downloads.finish(lease);
  }
  await store.queue.fetched(lease);
  return 'fetched';
}
