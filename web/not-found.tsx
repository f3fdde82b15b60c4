import { Link } from 'wouter-preact';
import { useTitle } from './parts/use-title.ts';

/** Of an address that names nothing. */
export function NotFound({ what = 'page' }: { what?: string }) {
  useTitle('Not found');
  return (
    <div class="stack">
      <h1 tabIndex={-1}>There is no such {what}</h1>
      <p>
        It may have been removed. <Link href="/">Go to the library.</Link>
      </p>
    </div>
  );
}
