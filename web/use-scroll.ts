import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** Where this tab keeps how far down each address was left, in pixels, from one load of the page to the next. */
const KEY = 'clipql-scroll';
const left = new Map<string, number>(JSON.parse(sessionStorage.getItem(KEY) ?? '[]'));
/** What a person does to move the page, after which it is not moved any more. */
const HANDS = ['wheel', 'touchstart', 'pointerdown', 'keydown'];

/** A new view begins at its top; one that is come back to, where it was left. */
export function useScroll(path: string): void {
  const settle = useRef(() => {});
  const back = useRef<string | null>(null);

  useEffect(() => {
    // The browser would do it before the view is there.
    history.scrollRestoration = 'manual';
    const note = () => void left.set(location.href, scrollY);
    const goBack = () => {
      back.current = location.pathname;
      settle.current();
      settle.current = scrollWhenThere(left.get(location.href) ?? 0);
    };
    addEventListener('scroll', note, { passive: true });
    addEventListener('popstate', goBack);
    addEventListener('pagehide', keepAll);
    if (isComeBackTo()) goBack();
    return () => {
      removeEventListener('pagehide', keepAll);
      removeEventListener('scroll', note);
      removeEventListener('popstate', goBack);
    };
  }, []);

  useLayoutEffect(() => {
    if (back.current !== path) {
      settle.current();
      scrollTo(0, 0);
    }
    back.current = null;
  }, [path]);
}

const keepAll = () => sessionStorage.setItem(KEY, JSON.stringify([...left]));

/** Whether the page was loaded again, or by going back to it. */
function isComeBackTo(): boolean {
  const [load] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return load?.type === 'reload' || load?.type === 'back_forward';
}

/** Scrolls down as far as the page reaches, again whenever it has grown: each time more of a list comes. */
function scrollWhenThere(top: number): () => void {
  const stop = () => {
    growth.disconnect();
    for (const hand of HANDS) removeEventListener(hand, stop);
  };
  const growth = new ResizeObserver(() => {
    scrollTo(0, top);
    if (Math.abs(scrollY - top) <= 1) stop();
  });
  growth.observe(document.body);
  for (const hand of HANDS) addEventListener(hand, stop, { passive: true });
  return stop;
}
