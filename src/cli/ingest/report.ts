import { MultiBar, type SingleBar } from 'cli-progress';
import { oneLine } from '../library/one-line.ts';

/** What people read for an outcome; `queued` is the end for those who do not wait. */
const OUTCOMES = {
  succeeded: 'ingested',
  duplicate: 'known already',
  failed: 'failed',
  cancelled: 'cancelled',
  queued: 'handed over',
};

/** How a source ended. */
export interface Ended {
  name: string;
  outcome: keyof typeof OUTCOMES;
  /** Of the ingestion; null when none was begun. */
  ingestion: string | null;
  /** Of the video; null when there is none. */
  video: string | null;
  error: { code: string; message: string } | null;
}

/** What the user sees of the work. */
export interface Report {
  /** A source is worked on: `share` of all that is to do for it, 0 to 1. */
  at(name: string, doing: string, share: number): void;
  /** It waits for its turn. */
  waits(name: string): void;
  ended(result: Ended): void;
  /** Gives the terminal back. */
  stop(): void;
  /** The last word; gives the exit code. */
  close(): number;
}

/** Bars that are shown at a time, beside the one for all. */
const MOST_BARS = 8;
/** Characters of a name beside its bar. */
const NAME = 32;

/** Bars on a terminal, else a line for each source as it ends; with `json` a line of JSON for each, and one for all. */
export function createReport(total: number, { json }: { json: boolean }): Report {
  const counts = { succeeded: 0, duplicate: 0, failed: 0, cancelled: 0, queued: 0 };
  const failures: Ended[] = [];
  const bars = json || !process.stderr.isTTY ? null : createBars(total);
  const done = () => Object.values(counts).reduce((sum, count) => sum + count, 0);

  return {
    at: (name, doing, share) => bars?.at(name, doing, share),
    waits: (name) => bars?.drop(name),
    stop: () => bars?.stop(),
    ended(result) {
      counts[result.outcome]++;
      if (result.error) failures.push(result);
      bars?.ended(result.name);
      if (json) console.log(JSON.stringify(result));
      else if (!bars) console.error(`${done()} of ${total}  ${inWords(result)}`);
    },
    close() {
      bars?.stop();
      const bad = counts.failed + counts.cancelled;
      if (json) console.log(JSON.stringify({ total, ...counts }));
      else {
        if (bars) for (const failure of failures) console.error(inWords(failure));
        const { succeeded, duplicate, failed, ...others } = counts;
        const rare = Object.entries(others).filter(([, count]) => count > 0);
        const told = [...Object.entries({ succeeded, duplicate, failed }), ...rare];
        const words = told.map(([outcome, count]) => `${count} ${OUTCOMES[outcome as Ended['outcome']]}`);
        console.error(`${words.join(', ')}.`);
      }
      return bad > 0 || done() < total ? 1 : 0;
    },
  };
}

function inWords({ name, outcome, error }: Ended): string {
  const reason = error ? `\n    ${error.code}: ${oneLine(error.message)}` : '';
  return `${OUTCOMES[outcome]}  ${oneLine(name)}${reason}`;
}

function createBars(total: number) {
  const format = '{bar} {percentage} %  {name}  {doing}';
  const options = { format, barsize: 24, hideCursor: true, clearOnComplete: true, stream: process.stderr };
  const bars = new MultiBar(options);
  const all = bars.create(total, 0, { name: 'all'.padEnd(NAME), doing: '' });
  const running = new Map<string, SingleBar>();
  const drop = (name: string) => {
    const bar = running.get(name);
    if (bar) bars.remove(bar);
    running.delete(name);
  };
  return {
    drop,
    at(name: string, doing: string, share: number) {
      let bar = running.get(name);
      if (!bar && running.size < MOST_BARS) {
        bar = bars.create(1, 0, { name: shortened(name), doing });
        running.set(name, bar);
      }
      bar?.update(share, { doing });
    },
    ended(name: string) {
      drop(name);
      all.increment();
    },
    stop: () => bars.stop(),
  };
}

/** Its end says more than its beginning. */
function shortened(name: string): string {
  const line = oneLine(name);
  return (line.length > NAME ? `…${line.slice(1 - NAME)}` : line).padEnd(NAME);
}
