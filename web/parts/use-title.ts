import { useEffect } from 'preact/hooks';

/** Names the view in the browser's title. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · ClipQL` : 'ClipQL';
  }, [title]);
}
