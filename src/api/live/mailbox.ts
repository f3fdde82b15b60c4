import type { Ingestion } from '../../store/types.ts';

/** Events that wait for a slow subscriber; beyond, an ingestion's later event takes the place of its earlier ones. */
const MOST = 1000;

/** What waits for one subscriber. */
export interface Mailbox {
  wants(id: string): boolean;
  /** Adds an event unless the subscriber has it already; progress alone takes the place of what waits. */
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
  const last = new Map<string, Ingestion>();
  let news = () => {};
  let closed = false;

  return {
    wants: (id) => only === null || only === id,
    put(ingestion) {
      if (only !== null && ingestion.id !== only) return;
      const before = last.get(ingestion.id);
      if (before && isSame(before, ingestion)) return;
      if (ingestion.finishedAt === null) last.set(ingestion.id, ingestion);
      else last.delete(ingestion.id);
      const overtaken = (one: Ingestion) =>
        one.id === ingestion.id &&
        (waiting.length > MOST || (one.state === ingestion.state && one.stage === ingestion.stage));
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
    unfinished: () => [...last.keys()],
  };
}

function isSame(a: Ingestion, b: Ingestion): boolean {
  return (
    a.state === b.state &&
    a.stage === b.stage &&
    a.progress === b.progress &&
    a.videoId === b.videoId &&
    a.attempts === b.attempts
  );
}
