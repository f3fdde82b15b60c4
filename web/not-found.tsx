import { Link } from 'wouter-preact';
import { ViewTitle } from './parts/view-title.tsx';

/** Of an address that names nothing. */
export function NotFound({ what = 'page' }: { what?: string }) {
  return (
    <div class="stack">
      <ViewTitle title="Not found">There is no such {what}</ViewTitle>
      <p>
        It may have been removed. <Link href="/">Go to the library.</Link>
      </p>
    </div>
  );
}
