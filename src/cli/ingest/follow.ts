import { setTimeout as wait } from 'node:timers/promises';
import { type Client, ServerError } from '../library/client.ts';
import type { Ended, Report } from './report.ts';

/** Milliseconds between two looks. */
const EVERY = 500;
/** The same while nothing answers, and how often that may be: five minutes, for a server that is started anew. */
const WHILE_AWAY = 2000;
const MOST_MISSES = 150;
/** Ingestions of one question, as many as the server tells at once. */
const AT_ONCE = 100;

const FIELDS = `edges { node { id state stage progress duplicate retryAt
  error { code message } video { id } } }`;
const LOOK = `query ($ids: [ID!]) {
  oldest: ingestions(first: ${AT_ONCE}, ids: $ids) { ${FIELDS} }
  running: ingestions(first: ${AT_ONCE}, state: RUNNING) { ${FIELDS} } }`;

interface Seen {
  id: string;
  state: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  stage: string | null;
  progress: number;
  duplicate: boolean;
  retryAt: string | null;
  error: { code: string; message: string } | null;
  video: { id: string } | null;
}

/** Tells the report of ingestions. */
export interface Follower {
  add(id: string, name: string): void;
  /** No more come: resolves when all have ended. */
  finish(): Promise<void>;
}

/**
 * Looks at those that run and at the oldest that have not ended, which end first as a rule, so that thousands cost no more
 * than a hundred.
 */
export function createFollower(client: Client, report: Report): Follower {
  /** Names by id, the oldest first. */
  const open = new Map<string, string>();

  function tell({ id, state, stage, progress, duplicate, retryAt, error, video }: Seen): void {
    const name = open.get(id);
    if (name === undefined) return;
    if (state === 'RUNNING') {
      report.at(name, stage ?? '', progress);
    } else if (state === 'QUEUED') {
      if (retryAt) report.at(name, 'waits to be tried again', progress);
      else report.waits(name);
    } else {
      open.delete(id);
      const outcome = state === 'SUCCEEDED' && duplicate ? 'duplicate' : state.toLowerCase();
      const result = { name, ingestion: id, video: video?.id ?? null, error };
      report.ended({ ...result, outcome: outcome as Ended['outcome'] });
    }
  }

  async function look(): Promise<void> {
    const ids = [...open.keys()].slice(0, AT_ONCE);
    if (ids.length === 0) return;
    const { oldest, running } = await client.ask(LOOK, { ids });
    for (const { node } of [...running.edges, ...oldest.edges]) tell(node);
    // Whatever is left of the oldest goes to the end of the line, so that none is looked at for ever.
    for (const id of ids) {
      const name = open.get(id);
      if (name === undefined || open.size <= AT_ONCE) continue;
      open.delete(id);
      open.set(id, name);
    }
  }

  let noMore = false;
  const following = (async () => {
    let misses = 0;
    while (open.size > 0 || !noMore) {
      try {
        await look();
        misses = 0;
      } catch (error) {
        if (error instanceof ServerError || ++misses > MOST_MISSES) throw error;
      }
      await wait(misses > 0 ? WHILE_AWAY : EVERY);
    }
  })();
  following.catch(() => {}); // It is thrown when the end is waited for.

  return {
    add: (id, name) => void open.set(id, name),
    finish() {
      noMore = true;
      return following;
    },
  };
}
