/** Takes a piece of work when its turn comes, and returns its result. */
export type Turns = <T>(piece: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * Runs pieces one at a time, first come, first served: callers that ask for one piece after the other take turns.
 * An aborted piece that still waits is left out and rejects at once with the signal's reason.
 */
export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (piece, signal) => {
    const result = last.then(() => {
      signal?.throwIfAborted();
      return piece();
    });
    last = result.catch(() => {});
    return signal ? Promise.race([result, aborted(signal, last)]) : result;
  };
}

/** Rejects when the signal is aborted; stops listening when `over` settles. */
function aborted(signal: AbortSignal, over: Promise<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    over.then(() => signal.removeEventListener('abort', abort));
  });
}
