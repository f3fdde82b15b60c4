import { once } from 'node:events';
import { SingleBar } from 'cli-progress';
import { readSettings } from '../../config.ts';
import { fetchModel } from '../../xclip/hub/fetch-model.ts';
import { megabytes } from '../../xclip/hub/megabytes.ts';
import type { FetchProgress } from '../../xclip/hub/progress.ts';

/** Milliseconds between two lines of progress where there is no terminal. */
const LINE_EVERY = 5000;

/** Fetches a model into the hub's local cache, or checks and repairs what is there. Ctrl-C leaves what has come. */
export async function pull(name: string): Promise<void> {
  const { hub } = readSettings();
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    once(process, signal).then(() =>
      interrupted.abort(new Error('Interrupted. What has come stays; the same command goes on with it.')),
    );
  }
  const bar = progressBar();
  try {
    const { folder } = await fetchModel(hub, name, { onProgress: bar.show, signal: interrupted.signal });
    bar.end();
    console.log(`${name} is in ${folder}`);
  } catch (error) {
    bar.end();
    throw error;
  }
}

/** A bar on a terminal, lines elsewhere; on standard error. */
function progressBar() {
  const bar = new SingleBar({
    format: '{bar} {percentage} % | {value} of {total} | {eta_formatted} left',
    formatValue: (value, _, type) => (type === 'value' || type === 'total' ? megabytes(value) : `${value}`),
    hideCursor: true,
    etaBuffer: 500,
    noTTYOutput: true,
    notTTYSchedule: LINE_EVERY,
  });
  let started = false;
  return {
    show: ({ done, total }: FetchProgress) => {
      if (started) return bar.update(done);
      started = true;
      bar.start(total, done);
    },
    end: () => started && bar.stop(),
  };
}
