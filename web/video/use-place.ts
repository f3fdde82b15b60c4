import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useLocation, useSearch } from 'wouter-preact';
import { useSettled } from '../parts/use-settled.ts';

/** Milliseconds without a change after which the address has it: browsers take few changes a second. */
const PAUSE = 500;

/** A place in a video. */
interface Place {
  /** Seconds from the beginning; null: none was asked for. */
  time: number | null;
  /** What was asked of the video. */
  text: string;
}

/** The place in the address, to be shared and gone back to, and how to move it. */
export function usePlace(): [place: Place, move: (part: Partial<Place>) => void] {
  const [path, navigate] = useLocation();
  const search = useSearch();
  const [place, setPlace] = useState(() => readPlace(search));
  const settled = useSettled(place, PAUSE);
  const written = useRef(settled);

  useEffect(() => {
    if (settled === written.current) return;
    written.current = settled;
    navigate(path + writePlace(settled), { replace: true });
  }, [settled, path, navigate]);

  const move = useCallback((part: Partial<Place>) => setPlace((old) => ({ ...old, ...part })), []);
  return [place, move];
}

function readPlace(search: string): Place {
  const parameters = new URLSearchParams(search);
  const time = Number(parameters.get('t') ?? Number.NaN);
  return { time: Number.isFinite(time) ? Math.max(0, time) : null, text: parameters.get('q') ?? '' };
}

function writePlace({ time, text }: Place): string {
  const parameters = new URLSearchParams({
    ...(time !== null && { t: time.toFixed(2) }),
    ...(text.trim() && { q: text.trim() }),
  });
  return parameters.size > 0 ? `?${parameters}` : '';
}
