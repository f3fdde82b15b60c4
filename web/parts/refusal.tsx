import type { CombinedError } from '@urql/core';
import { isUnauthenticated, plainly } from '../api/client.ts';

/** Why something that a person did was refused, if it was; a token that it lacks is asked for anyway. */
export function Refusal({ error }: { error: CombinedError | undefined }) {
  if (!error || isUnauthenticated(error)) return null;
  return (
    <p class="error" role="alert">
      {plainly(error)}
    </p>
  );
}
