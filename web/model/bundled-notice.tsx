import { useQuery } from '@urql/preact';
import { Link } from 'wouter-preact';
import { ActiveModelDocument } from '../api/documents.ts';

/** Says on every view that the bundled model is at work: what it does not know would look like a fault. */
export function BundledNotice() {
  const [{ data }] = useQuery({ query: ActiveModelDocument });
  if (!data?.model.bundled) return null;
  return (
    <p class="notice">
      <strong>
        This is the small bundled model: it knows drawn shapes, their colours and how they move, nothing else.
      </strong>{' '}
      <Link href="/model">Get a real one</Link> to search your own videos.
    </p>
  );
}
