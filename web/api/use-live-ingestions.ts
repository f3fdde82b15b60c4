import { useSubscription } from '@urql/preact';
import { useEffect, useRef } from 'preact/hooks';
import { type IngestionRowFragment, IngestionUpdatesDocument } from './documents.ts';

/** Calls back with each ingestion that changes, as long as the view is there. */
export function useLiveIngestions(onChange: (ingestion: IngestionRowFragment) => void): void {
  const [{ data }] = useSubscription({ query: IngestionUpdatesDocument });
  const latest = useRef(onChange);
  latest.current = onChange;
  useEffect(() => {
    if (data) latest.current(data.ingestionUpdated);
  }, [data]);
}
