import { useEffect, useRef } from 'preact/hooks';

/** How far below the window what follows is loaded already. */
const AHEAD = '800px';

/** A button for what follows; it presses itself when it comes near. */
export function LoadMore({ onMore }: { onMore: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) onMore();
      },
      { rootMargin: AHEAD },
    );
    if (button.current) observer.observe(button.current);
    return () => observer.disconnect();
  }, [onMore]);
  return (
    <div>
      <button ref={button} type="button" onClick={onMore}>
        Show more
      </button>
    </div>
  );
}
