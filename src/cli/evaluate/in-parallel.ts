import { SingleBar } from 'cli-progress';

/** Questions at a time: two keep a small server busy while other users' wait for little. */
const AT_ONCE = 2;

/** Does the work for each thing, some at a time, with a bar on a terminal; the results in the order of the things. */
export async function inParallel<Thing, Result>(
  doing: string,
  things: Thing[],
  work: (thing: Thing) => Promise<Result>,
): Promise<Result[]> {
  const format = `{bar} {percentage} %  ${doing}  {value} of {total}  {eta_formatted} left`;
  const options = { format, barsize: 24, hideCursor: true, clearOnComplete: true, stream: process.stderr };
  const bar = process.stderr.isTTY ? new SingleBar(options) : null;
  bar?.start(things.length, 0);
  const results: Result[] = [];
  const left = things.entries();
  try {
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (const [i, thing] of left) {
        results[i] = await work(thing);
        bar?.increment();
      }
    });
    await Promise.all(workers);
  } finally {
    bar?.stop();
  }
  return results;
}
