import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ClipqlError } from '#src/errors.js';
import { probe } from '#src/media/probe.js';
import { readClips } from '#src/media/read-clips.js';
import { clipWindows } from '#src/media/windows.js';
import { testFolder } from '../grey-video.js';
import { makeCorpus } from './make-corpus.mjs';

const SHAPE = { frames: 4, sampling: 'UNIFORM' as const, resize: 32, crop: 32 };
/** A file may claim hours; the first clips tell whether it can be read. */
const CLIPS = 20;
const CODES = ['NOT_A_VIDEO', 'NO_VIDEO_TRACK', 'MEDIA_LIMIT', 'MEDIA_TIMEOUT'];
/** Seconds a file of a second may take on a busy machine. */
const LIMIT = 15;

/** `VIDEO` when it gives all frames of its first clips, else the code of the error. */
async function outcomeOf(path: string, folder: string): Promise<string> {
  try {
    const probed = await probe(path);
    const clips = clipWindows(probed.duration).slice(0, CLIPS);
    let read = 0;
    for await (const { frames, tiles } of readClips(path, probed, clips, SHAPE)) {
      if (frames.length !== 4 * 32 * 32 * 3 || tiles.length !== 4) return 'frames are missing';
      read++;
    }
    return read === clips.length ? 'VIDEO' : `${read} of ${clips.length} clips`;
  } catch (error) {
    if (!(error instanceof ClipqlError)) return String(error);
    return error.message.includes(folder) ? `says the path: ${error.message}` : error.code;
  }
}

test('every file of the corpus ends in frames or in a coded error, in time', {
  timeout: 300_000,
}, async () => {
  const folder = testFolder();
  const cases = await makeCorpus(folder, 1);
  expect(cases.length).toBeGreaterThanOrEqual(300);
  const wrong: string[] = [];
  const outcomes = new Map<string, number>();
  const waiting = [...cases];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const began = performance.now();
      const outcome = await outcomeOf(next.path, folder);
      const seconds = (performance.now() - began) / 1000;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      const right = next.outcome ? outcome === next.outcome : ['VIDEO', ...CODES].includes(outcome);
      if (!right || seconds > LIMIT)
        wrong.push(`${next.kind}, ${JSON.stringify(next.name)}: ${outcome} after ${seconds.toFixed(1)} s`);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  expect(wrong).toEqual([]);
  // Neither is everything taken nor everything refused.
  expect(outcomes.get('VIDEO')).toBeGreaterThan(100);
  expect(outcomes.get('NOT_A_VIDEO')).toBeGreaterThan(50);
  const left = execFileSync('ps', ['-A', '-o', 'ppid=,comm='])
    .toString()
    .split('\n')
    .filter((line) => /ff(mpeg|probe)$/.test(line) && Number.parseInt(line, 10) === process.pid);
  expect(left).toEqual([]);
});
