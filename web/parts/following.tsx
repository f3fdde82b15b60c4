import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** How far below the window what follows is loaded already. */
const AHEAD = '800px';

interface Props {
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
  /** Makes the page after a cursor. */
  children: (after: string | null) => ComponentChildren;
}

/** What follows a page of a list: a button that presses itself when it comes near, then the next page in its place. */
export function Following({ pageInfo: { hasNextPage, endCursor }, children }: Props) {
  const [wanted, setWanted] = useState(false);
  const want = useCallback(() => setWanted(true), []);
  if (!hasNextPage) return null;
  if (wanted) return <>{children(endCursor ?? null)}</>;
  return (
    <li class="gallery-row">
      <MoreButton onPress={want} />
    </li>
  );
}

function MoreButton({ onPress }: { onPress: () => void }) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) onPress();
      },
      { rootMargin: AHEAD },
    );
    if (button.current) observer.observe(button.current);
    return () => observer.disconnect();
  }, [onPress]);
  return (
    <button ref={button} type="button" onClick={onPress}>
      Show more
    </button>
  );
}
