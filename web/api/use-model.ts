import { useQuery } from '@urql/preact';
import { useEffect, useRef } from 'preact/hooks';
import { askAnew } from './connection.ts';
import { ActiveModelDocument, type ModelCardFragment } from './documents.ts';

/** Milliseconds between two looks at the model: while it is on its way, and else. */
const LOOK_EVERY = { waiting: 2000, quiet: 15_000 };

/** The model that answers, or will; undefined: not known yet; null: it cannot be asked for. */
export function useModel(): ModelCardFragment | null | undefined {
  const [{ data, error }] = useQuery({ query: ActiveModelDocument });
  return data?.model ?? (error ? null : undefined);
}

/** Keeps what `useModel` says up to date; when another model answers than before, all is asked again. */
export function useModelWatch(): void {
  const [{ data }, again] = useQuery({ query: ActiveModelDocument });
  const state = data?.model.state;
  const every = state === 'FETCHING' || state === 'LOADING' ? LOOK_EVERY.waiting : LOOK_EVERY.quiet;
  useEffect(() => {
    const timer = setInterval(() => again({ requestPolicy: 'network-only' }), every);
    return () => clearInterval(timer);
  }, [every, again]);

  const ready = data && (state === 'READY' ? data.model.fingerprint : '');
  const before = useRef(ready);
  useEffect(() => {
    if (before.current !== undefined && ready !== undefined && ready !== before.current) askAnew();
    before.current = ready ?? before.current;
  }, [ready]);
}
