import { useCallback, useEffect, useRef } from 'preact/hooks';

/** A function that runs at most once in so many milliseconds, and once after its last call. */
export function useThrottled(run: () => void, milliseconds: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef(run);
  latest.current = run;
  useEffect(
    () => () => {
      if (timer.current) clearTimeout(timer.current);
    },
    [],
  );
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      latest.current();
    }, milliseconds);
  }, [milliseconds]);
}
