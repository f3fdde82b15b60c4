import { setTimeout as delay } from 'node:timers/promises';
import { HubError, Interruption } from './hub-error.ts';

/** How much of a bad connection is borne. */
export interface Patience {
  /** Attempts in a row that bring nothing new. */
  attempts: number;
  /** Milliseconds without a byte after which a connection is given up. */
  stall: number;
  /** Milliseconds before the second attempt; before each further one twice as many. */
  wait: number;
}

export const PATIENCE: Patience = { attempts: 5, stall: 30_000, wait: 500 };

/** A hub that asks to come back later than this, in milliseconds, is not waited for. */
const LONGEST_WAIT = 5 * 60_000;

/**
 * Tries again after an `Interruption`: at once when something new has come, else when the hub says, else after a wait
 * that doubles, with jitter so that many clients do not come back together.
 * @param progress a number that changes when something new has come
 * @throws the last Interruption when patience is over, any other error, and the signal's reason
 */
export async function patiently<T>(
  attempt: () => Promise<T>,
  { attempts, wait }: Patience,
  { progress = () => 0, signal }: { progress?: () => number; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  let failures = 0;
  let before = progress();
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Interruption)) throw error;
      const now = progress();
      failures = now === before ? failures + 1 : 0;
      before = now;
      if (failures >= attempts) throw error;
      if (error.after !== null && error.after > LONGEST_WAIT) {
        const message = `${error.message} It asks to come back in ${Math.ceil(error.after / 60_000)} minutes.`;
        throw new HubError(message, { retryable: true, cause: error });
      }
      const backOff = failures === 0 ? 0 : wait * 2 ** (failures - 1) * (0.5 + Math.random());
      await delay(error.after ?? backOff, null, { signal: signal as AbortSignal });
    }
  }
}
