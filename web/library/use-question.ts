import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useLocation, useSearch } from 'wouter-preact';
import { useSettled } from '../parts/use-settled.ts';
import { type Question, readQuestion, writeQuestion } from './question.ts';

/** Milliseconds without a key after which it is searched. */
const PAUSE = 200;

/** The one of the addresses that ask the same which this page writes. */
const addressOf = (search: string): string => writeQuestion(readQuestion(search));

/**
 * The question in the address; what is being typed, which is ahead of it; and how to change it. What is typed moves
 * into the address when typing pauses; the address it came from is kept once, to go back to.
 */
export function useQuestion(): {
  asked: Question;
  typed: Question;
  change: (part: Partial<Question>) => void;
} {
  const [, navigate] = useLocation();
  const search = useSearch();
  const [typed, setTyped] = useState(() => readQuestion(search));
  const settled = useSettled(typed, PAUSE);
  const written = useRef(search);

  useEffect(() => {
    const [address, before] = [writeQuestion(settled), addressOf(written.current)];
    if (address === before) return;
    written.current = address.slice(1);
    navigate(address, { replace: before !== '/' }); // a whole search is one step to go back
  }, [settled, navigate]);

  // Another address, by a link or by going back, is what is typed from then on.
  useEffect(() => {
    if (addressOf(search) === addressOf(written.current)) return;
    written.current = search;
    setTyped(readQuestion(search));
  }, [search]);

  const change = useCallback(
    (part: Partial<Question>) => setTyped((before) => ({ ...before, nearest: false, ...part })),
    [],
  );
  return { asked: readQuestion(search), typed, change };
}
