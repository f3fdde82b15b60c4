import type { Probe } from './probe.ts';
import { TIME_SLACK } from './windows.ts';

/** Instants that are one `step` apart. */
interface Run {
  first: number;
  step: number;
  count: number;
}

/**
 * A filter that lets through, for each instant of each clip (ascending within it), the first frame at or after it, and the
 * last frame of the file. It may be long: hand it over by a pipe.
 *
 * ffmpeg's expressions know no arrays. So runs of equally spaced instants, a clip's are one run as a rule, become search
 * trees that say how many instants have come by a time; runs that overlap are in different trees.
 */
export function selectInstants(probe: Probe, clips: Iterable<Float64Array>): string {
  const t = `(t-${probe.startTime})`;
  const come = lanes([...clips].flatMap(runsOf))
    .map(counted)
    .join('+');
  const last = probe.times.at(-1) as number;
  // State 0: how many instants have been served; 1: the time; 2: how many have come by then. Half of the slack: what has
  // come here has come for the reader too, in spite of rounding.
  const steps = [
    `st(1,${t}+${TIME_SLACK / 2})`,
    `st(2,${come})`,
    'st(3,gt(ld(2),ld(0)))',
    'st(0,ld(2))',
    `ld(3)+gte(${t}+${TIME_SLACK},${last})`,
  ];
  return `select='${steps.join(';')}'`;
}

/** Instants as the longest runs of equal steps, one after the other. */
function runsOf(instants: Float64Array): Run[] {
  const runs: Run[] = [];
  for (const instant of instants) {
    const run = runs.at(-1);
    const step = run && (run.count === 1 ? instant - run.first : run.step);
    if (run && step && Math.abs(run.first + run.count * step - instant) < TIME_SLACK / 8) {
      run.step = step;
      run.count++;
    } else runs.push({ first: instant, step: 0, count: 1 });
  }
  return runs;
}

/** Puts runs into as few rows as keep them from overlapping within one, each ascending. */
function lanes(runs: Run[]): Run[][] {
  const rows: Run[][] = [];
  const end = ({ first, step, count }: Run) => first + (count - 1) * step;
  for (const run of runs.sort((a, b) => a.first - b.first)) {
    const row = rows.find((row) => end(row.at(-1) as Run) <= run.first);
    if (row) row.push(run);
    else rows.push([run]);
  }
  return rows;
}

/** How many instants of a row have come by the time in state 1, as an expression. */
function counted(row: Run[]): string {
  const before = [0];
  for (const { count } of row) before.push((before.at(-1) as number) + count);
  const tree = (from: number, to: number): string => {
    const middle = (from + to) >> 1;
    if (middle > from) return `if(lt(ld(1),${row[middle]?.first}),${tree(from, middle)},${tree(middle, to)})`;
    const { first, step, count } = row[from] as Run;
    const here = count === 1 ? `gte(ld(1),${first})` : `clip(floor((ld(1)-${first})/${step})+1,0,${count})`;
    return `${before[from]}+${here}`;
  };
  return tree(0, row.length);
}
