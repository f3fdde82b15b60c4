/** A signal that aborts when nothing was touched for so long. */
export interface Watchdog {
  signal: AbortSignal;
  touch(): void;
  end(): void;
}

/**
 * Watches over a connection.
 * @param ms without a touch after which it aborts
 * @param signal that aborts it as well
 */
export function watchdog(ms: number, signal?: AbortSignal): Watchdog {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), ms);
  return {
    signal: signal ? AbortSignal.any([stalled.signal, signal]) : stalled.signal,
    touch: () => timer.refresh(),
    end: () => clearTimeout(timer),
  };
}
