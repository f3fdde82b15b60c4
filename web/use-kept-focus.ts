import { useEffect } from 'preact/hooks';

/**
 * When what has the focus vanishes (a button that has done its work, a row that was removed), the focus goes to the
 * nearest of what it stood in that is still there, not to the top of the page: the next Tab goes on from where one was.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    /** What has the focus, and what it stands in, from the inside to the outside. */
    let chain: HTMLElement[] = [];
    let leaving = false;

    const remember = ({ target }: FocusEvent) => {
      chain = [];
      for (let at = target as HTMLElement | null; at && at !== document.body; at = at.parentElement)
        chain.push(at);
    };
    const keep = () => {
      if (leaving || chain.length === 0 || document.activeElement !== document.body) return;
      const main = document.getElementById('main');
      const next = chain.find((element) => isThere(element) && !element.contains(main)) ?? main;
      if (next) focusAnyway(next);
    };
    const leave = () => {
      leaving = true;
      requestAnimationFrame(() => {
        leaving = false;
        // What has lost the focus and is there still was left on purpose.
        if (document.activeElement === document.body && chain[0] && isThere(chain[0])) chain = [];
        keep();
      });
    };

    const changes = new MutationObserver(keep);
    changes.observe(document.body, {
      ...{ subtree: true, childList: true, attributeFilter: ['open', 'disabled'] },
    });
    document.addEventListener('focusin', remember);
    document.addEventListener('focusout', leave);
    return () => {
      changes.disconnect();
      document.removeEventListener('focusin', remember);
      document.removeEventListener('focusout', leave);
    };
  }, []);
}

const isThere = (element: HTMLElement): boolean =>
  element.isConnected && element.checkVisibility() && !element.matches(':disabled');

/** Also what usually does not take the focus, but then only this once. */
function focusAnyway(element: HTMLElement): void {
  if (element.tabIndex < 0 && !element.hasAttribute('tabindex')) {
    element.tabIndex = -1;
    element.addEventListener('blur', () => element.removeAttribute('tabindex'), { once: true });
  }
  element.focus({ preventScroll: true });
}
