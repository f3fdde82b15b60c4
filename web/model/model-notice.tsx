import { Link } from 'wouter-preact';
import { useModel } from '../api/use-model.ts';
import { percent } from '../parts/format.ts';

/** Says on every view what would else look like a fault: that the bundled model is at work, or none yet. */
export function ModelNotice() {
  const model = useModel();
  if (model?.state === 'FETCHING' || model?.state === 'LOADING') {
    return (
      <p class="notice" role="status">
        The model {model.name} is being {model.state === 'FETCHING' ? 'fetched' : 'loaded'},{' '}
        <span class="numbers">{percent(model.progress)}</span>. Searches wait for it.
      </p>
    );
  }
  if (model?.state === 'FAILED') {
    return (
      <p class="error" role="alert">
        The model {model.name} cannot be used: {model.error} <Link href="/model">See to it</Link>
      </p>
    );
  }
  if (!model?.bundled) return null;
  return (
    <p class="notice">
      <strong>
        This is the small bundled model: it knows drawn shapes, their colours and how they move, nothing else.
      </strong>{' '}
      <Link href="/model">Get a real one</Link> to search your own videos.
    </p>
  );
}
