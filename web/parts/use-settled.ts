import { useEffect, useState } from 'preact/hooks';

/** A value as it was when it had not changed for so many milliseconds: what is typed, once it is a word. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(setSettled, milliseconds, value);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
