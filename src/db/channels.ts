/** Who listens on which channel. */
export interface Channels {
  /** The names of those that somebody listens on. */
  names(): string[];
  /** Adds a listener; gives what removes it. */
  add(channel: string, hear: (payload: string) => void): () => void;
  tell(channel: string, payload: string): void;
}

export function createChannels(): Channels {
  const listeners = new Map<string, Set<(payload: string) => void>>();
  return {
    names: () => [...listeners.keys()],
    add(channel, hear) {
      const known = listeners.get(channel) ?? new Set();
      listeners.set(channel, known.add(hear));
      return () => known.delete(hear);
    },
    tell(channel, payload) {
      for (const hear of listeners.get(channel) ?? []) hear(payload);
    },
  };
}
