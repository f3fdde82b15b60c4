import type { Ingestion } from '../../store/types.ts';

/** Events that wait for a slow subscriber; beyond, an ingestion's later event takes the place of its earlier ones. */
const MOST_WAITING = 1000;
/** Ingestions whose last event is remembered; beyond, the one that was told of longest ago is forgotten. */
const MOST_KNOWN = 10_000;

/** What waits for one subscriber. */
export interface Mailbox {
  wants(id: string): boolean;
  /** Adds an event unless a later one was added before; progress alone takes the place of what waits. */
  put(ingestion: Ingestion): void;
  /** The next event, once there is one; null when it was closed. */
  take(): Promise<Ingestion | null>;
  close(): void;
  /** The ids of those that were told of and had not ended. */
  unfinished(): string[];
}

/** @param only the id of the one ingestion that is wanted; null: all */
export function createMailbox(only: string | null): Mailbox {
  let waiting: Ingestion[] = [];
  const known = new Map<string, { version: number; ended: boolean }>();
  let news = () => {};
  let closed = false;

  /** False: it is known, or a later one is. */
  function note({ id, version, finishedAt }: Ingestion): boolean {
    const before = known.get(id);
    if (before && version <= before.version) return false;
    known.delete(id); // to the end of the line
    known.set(id, { version, ended: finishedAt !== null });
    const [oldest] = known.keys();
    if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
    return true;
  }

  return {
    wants: (id) => only === null || only === id,
    put(ingestion) {
      const { id, state, stage } = ingestion;
      if ((only !== null && id !== only) || !note(ingestion)) return;
      const overtaken = (one: Ingestion) =>
        one.id === id && (waiting.length > MOST_WAITING || (one.state === state && one.stage === stage));
      waiting = waiting.filter((one) => !overtaken(one));
      waiting.push(ingestion);
      news();
    },
    async take() {
      for (;;) {
        if (closed) return null;
        const next = waiting.shift();
        if (next) return next;
        await new Promise<void>((resolve) => {
          news = resolve;
        });
      }
    },
    close() {
      closed = true;
      news();
    },
    unfinished: () => [...known].filter(([, { ended }]) => !ended).map(([id]) => id),
  };
}
