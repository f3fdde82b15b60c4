import type { CombinedError } from '@urql/core';
import { isUnauthenticated, isUnreached, plainly } from '../api/client.ts';
import { asking } from '../api/session.ts';

/** Why something could not be shown, and what to do where something can be done. */
export function Trouble({ error }: { error: CombinedError }) {
  return (
    <div class="error stack" role="alert">
      <p>
        {isUnreached(error) ? 'The server does not answer. It is asked again by itself.' : plainly(error)}
      </p>
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
