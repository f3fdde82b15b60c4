import type { CombinedError } from '@urql/core';
import { isUnauthenticated, plainly } from '../api/client.ts';
import { asking } from '../api/session.ts';

/** What went wrong with a request, and what to do where something can be done. */
export function Trouble({ error }: { error: CombinedError }) {
  return (
    <div class="error stack" role="alert">
      <p>{plainly(error)}</p>
      {isUnauthenticated(error) && (
        <div>
          <button type="button" onClick={() => (asking.value = 'READ')}>
            Give the token
          </button>
        </div>
      )}
    </div>
  );
}
