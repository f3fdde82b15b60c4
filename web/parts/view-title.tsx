import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** Whether the view is the first one: then the reader begins at the top of the page. */
let first = true;

interface Props {
  /** Names the view in the browser's title. */
  title: string;
  /** Whether it is for those alone who do not see the view. */
  hidden?: boolean;
  children: ComponentChildren;
}

/** The heading of a view. Whoever goes from view to view without seeing it is put here when one has come. */
export function ViewTitle({ title, hidden = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!first) heading.current?.focus({ preventScroll: true });
    first = false;
  }, []);
  useEffect(() => {
    document.title = `${title} · ClipQL`;
  }, [title]);
  return (
    <h1 ref={heading} tabIndex={-1} class={hidden ? 'hidden' : ''}>
      {children}
    </h1>
  );
}
