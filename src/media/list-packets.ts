import { stat } from 'node:fs/promises';
import { ClipqlError } from '../errors.ts';
import { byLine } from './by-line.ts';
import { ffmpegPaths } from './ffmpeg.ts';
import { runTool } from './run-tool.ts';
import { inputUrl, UNTRUSTED_INPUT } from './untrusted-input.ts';

/** 24 hours at 60 frames a second, doubled. Each takes 8 bytes. */
const MAX_PACKETS = 10_000_000;

/** Bytes a second that even a slow disk reads. */
const SLOWEST_DISK = 10_000_000;

/** The packets of one stream that are shown. */
export interface Packets {
  /** Presentation times in ticks of the stream's time base, ascending; NaN for all when any of them is missing. */
  pts: Float64Array;
  /** Packets in all, the flagged ones included. */
  total: number;
  /** Some packet is flagged as corrupt. */
  corrupt: boolean;
}

/**
 * Lists a stream's packets without those flagged `D` (to be decoded but not shown, e.g. before an edit list's start).
 * Reads the whole file. Throws `MEDIA_LIMIT`, `MEDIA_TIMEOUT`.
 */
export async function listPackets(path: string, stream: number, signal?: AbortSignal): Promise<Packets> {
  let pts = new Float64Array(4096);
  let count = 0;
  let total = 0;
  let corrupt = false;
  let untimed = false;
  const onLine = (line: string) => {
    const [, value, flags] = /^(-?\d+|N\/A),([A-Z_]+)/.exec(line) ?? [];
    if (value === undefined || flags === undefined) return;
    total++;
    if (flags.includes('D')) return;
    if (count === MAX_PACKETS)
      throw new ClipqlError(
        'MEDIA_LIMIT',
        `The video has more than ${MAX_PACKETS} frames. Cut it into shorter files.`,
      );
    if (count === pts.length) {
      const larger = new Float64Array(2 * count);
      larger.set(pts);
      pts = larger;
    }
    corrupt ||= flags.includes('C');
    untimed ||= value === 'N/A';
    pts[count++] = Number(value);
  };
  await runTool(
    ffmpegPaths().ffprobe,
    [
      ...['-v', 'error', ...UNTRUSTED_INPUT, '-select_streams', String(stream)],
      ...['-show_entries', 'packet=pts,flags', '-of', 'csv=p=0', '-i', inputUrl(path)],
    ],
    {
      seconds: 120 + (await stat(path)).size / SLOWEST_DISK,
      signal,
      onOutput: byLine(onLine),
    },
  );
  pts = pts.slice(0, count);
  return { pts: untimed ? pts.fill(Number.NaN) : pts.sort(), total, corrupt };
}
