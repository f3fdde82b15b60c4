import { useQuery } from '@urql/preact';
import { useEffect } from 'preact/hooks';
import { ActiveModelDocument, type ModelCardFragment } from './documents.ts';

/** Milliseconds between two looks at a model that is not ready yet. */
const LOOK_EVERY = 2000;

/** The model that answers, or will; undefined: not known yet. */
export function useModel(): ModelCardFragment | undefined {
  const [{ data }, again] = useQuery({ query: ActiveModelDocument });
  const waiting = data?.model.state === 'FETCHING' || data?.model.state === 'LOADING';
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => again({ requestPolicy: 'network-only' }), LOOK_EVERY);
    return () => clearInterval(timer);
  }, [waiting, again]);
  return data?.model;
}
