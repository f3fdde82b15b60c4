import { setTimeout } from 'node:timers/promises';

const ROUNDS = 7;

const COLOURS = ['red', 'blue', 'green', 'yellow', 'black', 'white', 'purple', 'orange'];
const SHAPES = ['circle', 'square', 'triangle', 'star', 'cross', 'ring', 'diamond', 'heart', 'arrow', 'moon'];
const MOTIONS = ['moving left', 'moving right', 'spinning', 'bouncing', 'growing'];
/** 400 different ones. */
export const LABELS = COLOURS.flatMap((c) => SHAPES.flatMap((s) => MOTIONS.map((m) => `a ${c} ${s} ${m}`)));

/** What is measured: requests to a side, of which the last one's time counts; `runs` of them a round. */
export const MEASURES = [
  { name: 'Video, one clip', request: ['video'], runs: 1 },
  { name: 'Text, 7 tokens', request: ['text', ['a red circle moving left']], runs: 9 },
  { name: 'Text, 77 tokens', request: ['text', [LABELS.slice(0, 20).join(' ')]], runs: 5 },
  { name: 'Text, 100 labels', request: ['text', LABELS.slice(0, 100)], runs: 3 },
  { name: 'Classify one clip against 400 labels', before: ['text', LABELS], request: ['score', 1], runs: 5 },
  { name: 'Score 200 clips for one text', before: ['text', [LABELS[0]]], request: ['score', 200], runs: 5 },
];

/**
 * Asks the sides in turn, round by round, so that what changes on the machine changes for all.
 * @returns for each measure the median of each side, in milliseconds; peak memory in MB
 */
export async function measure(sides, checkpoint, frames) {
  const load = [];
  for (const side of sides) {
    const first = await side.ask('load', checkpoint, frames);
    const warm = (await side.ask('video')) + (await side.ask('text', ['a']));
    load.push(side.startup + first - warm);
  }
  const times = MEASURES.map(() => sides.map(() => []));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [m, { before, request, runs }] of MEASURES.entries()) {
      for (const [s, side] of sides.entries()) {
        if (before) await side.ask(...before);
        await setTimeout(100); // The threads of the side before have come to rest.
        for (let run = 0; run < runs; run++) {
          const time = await side.ask(...request);
          if (round > 0) times[m][s].push(time); // The first round warms up.
        }
      }
    }
    process.stderr.write(`round ${round} of ${ROUNDS}\n`);
  }
  const figures = MEASURES.map(({ name }, m) => ({ name, unit: 'ms', values: times[m].map(median) }));
  const memory = [];
  for (const side of sides) {
    await side.ask('video'); // ClipQL ends its video process after a minute without a clip.
    memory.push(await side.ask('memory'));
  }
  return [
    ...figures,
    { name: 'Load, from the start of the process', unit: 'ms', values: load },
    { name: 'Peak memory', unit: 'MB', values: memory },
  ];
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
