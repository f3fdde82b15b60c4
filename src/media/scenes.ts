import { byLine } from './by-line.ts';
import { ffmpegPaths } from './ffmpeg.ts';
import { retime } from './filters.ts';
import type { Probe } from './probe.ts';
import { patience, runTool } from './run-tool.ts';
import { inputUrl, UNTRUSTED_INPUT } from './untrusted-input.ts';
import { firstAtOrAfter, wholeNanoseconds } from './windows.ts';

/** Pixels: wide enough to tell scenes apart, quick to compare. */
const WIDTH = 320;
/**
 * Of ffmpeg's scene score, 0 to 1: the lesser of how much a frame differs from the one before and how much more than
 * that one did. Motion stays below 0.15, cuts begin at about 0.2 where half of the picture stays.
 */
const CUT = 0.2;
/** Seconds: a quarter of the shortest clip. A flicker is no row of scenes. */
const SHORTEST = 0.125;

/** Two lines a frame, by the `metadata` filter. */
const FRAME = /^frame:\d+ +pts:(-?\d+)/;
const SCORE = /^lavfi\.scene_score=([\d.]+)/;

/**
 * Where new scenes begin, in seconds after the first frame, ascending: the times of frames that differ from the one before
 * as motion does not. Decodes the whole video. Throws `MEDIA_TIMEOUT`, `MEDIA_LIMIT`, or the signal's reason.
 * @param progress told of the share of the video looked through, 0 to 1
 */
export async function findCuts(
  path: string,
  probe: Probe,
  progress: (share: number) => void,
  signal?: AbortSignal,
): Promise<number[]> {
  const width = Math.min(WIDTH, probe.width);
  const height = Math.max(2, Math.round((probe.height * width) / probe.width));
  const filters = [
    ...retime(probe),
    `scale=${width}:${height}`,
    ...['settb=AVTB', "select='gte(scene,0)'", 'metadata=print:file=-'],
  ];
  const cuts: number[] = [];
  let time = 0;
  const onLine = (line: string) => {
    const pts = FRAME.exec(line)?.[1];
    if (pts) {
      time = Number(pts) / 1e6 - probe.startTime;
      progress(Math.min(1, Math.max(0, time / probe.duration)));
    }
    const score = SCORE.exec(line)?.[1];
    if (!score || Number(score) <= CUT) return;
    // The frame's own time: ffmpeg says it to the microsecond.
    const cut = wholeNanoseconds(probe.times[firstAtOrAfter(probe.times, time - 1e-6)] as number);
    if (cut - (cuts.at(-1) ?? 0) >= SHORTEST) cuts.push(cut);
  };
  await runTool(
    ffmpegPaths().ffmpeg,
    [
      ...['-v', 'error', '-nostdin', '-copyts', '-threads', '2', ...UNTRUSTED_INPUT, '-i', inputUrl(path)],
      ...['-map', `0:${probe.stream}`, '-an', '-sn', '-dn', '-fps_mode', 'passthrough'],
      ...['-vf', filters.join(','), '-f', 'null', '-'],
    ],
    {
      seconds: patience(probe.duration),
      signal,
      onOutput: byLine(onLine),
    },
  );
  return cuts;
}
