import { ClipqlError } from '../errors.ts';
import type { Warning } from '../store/types.ts';
import { listPackets } from './list-packets.ts';
import { listStreams, type StreamInfo } from './list-streams.ts';
import { MAX_PIXELS } from './untrusted-input.ts';
import { wholeNanoseconds } from './windows.ts';

/** What a video file holds, as its packets tell it: nothing its header claims about time is believed. */
export interface Probe {
  /** Index of the video stream in the file. */
  stream: number;
  /** Pixels as displayed: swapped for files rotated by 90°. */
  width: number;
  height: number;
  /** Frames a second, on average; null when the file does not say. */
  frameRate: number | null;
  /** Seconds: last − first presentation time + median gap. */
  duration: number;
  /** Presentation times in seconds after the first, ascending. */
  times: Float64Array;
  /** Seconds: the file's own time of the first frame. */
  startTime: number;
  /** Frames a second by which the file is timed, because its own presentation times are missing; else null. */
  timedBy: number | null;
  /** How its colours must be tone-mapped to be shown: the transfer of a high dynamic range, else null. */
  hdr: 'smpte2084' | 'arib-std-b67' | null;
  warnings: Warning[];
}

const MIN_SIDE = 16;
const MAX_ASPECT = 10;
/** A day: 8,640 clips. Crafted times can claim centuries. */
const MAX_DURATION = 86_400;
/** Of a file that names none. */
const DEFAULT_FRAME_RATE = 25;

/** Reads a file's streams and packets. Throws `NOT_A_VIDEO`, `NO_VIDEO_TRACK`, `MEDIA_LIMIT`, `MEDIA_TIMEOUT`. */
export async function probe(path: string, signal?: AbortSignal): Promise<Probe> {
  const stream = chooseStream(await listStreams(path, signal));
  const size = displayedSize(stream);
  checkSize(size);
  const { pts, total, corrupt } = await listPackets(path, stream.index, signal);
  if (pts.length === 0) throw new ClipqlError('NOT_A_VIDEO', 'The file has a video track but no frames.');

  const frameRate = ratio(stream.avg_frame_rate) ?? ratio(stream.r_frame_rate);
  const timedBy = Number.isNaN(pts[0]) ? (frameRate ?? DEFAULT_FRAME_RATE) : null;
  // The same arithmetic as ffmpeg's own `t`, so that both compare alike: ticks · (numerator / denominator).
  const tick = ratio(stream.time_base) ?? Number.NaN;
  const absolute =
    timedBy === null ? pts.map((ticks) => ticks * tick) : pts.map((_, index) => index / timedBy);
  const startTime = absolute[0] as number;
  const times = absolute.map((time) => time - startTime);
  const gap = medianGap(times) || 1 / (frameRate ?? DEFAULT_FRAME_RATE);
  const duration = wholeNanoseconds((times.at(-1) as number) + gap);
  if (!(duration <= MAX_DURATION)) {
    throw new ClipqlError(
      'MEDIA_LIMIT',
      `The video's frames span ${Math.round(duration / 3600)} hours, more than 24. Cut it into shorter files.`,
    );
  }

  const hdr = HDR_TRANSFERS.find((transfer) => transfer === stream.color_transfer) ?? null;
  const warnings: Warning[] = [];
  if (corrupt)
    warnings.push({ code: 'DAMAGED', message: 'Some of the video is damaged; what can be read is used.' });
  if (Number(stream.nb_frames ?? 0) > total) {
    const message = `The file is cut off: ${total} of the ${stream.nb_frames} frames its header promises are there.`;
    warnings.push({ code: 'TRUNCATED', message });
  }
  if (hdr)
    warnings.push({
      code: 'HDR',
      message: 'The video is HDR; the model sees its colours without tone mapping.',
    });
  return { stream: stream.index, ...size, frameRate, duration, times, startTime, timedBy, hdr, warnings };
}

const HDR_TRANSFERS = ['smpte2084', 'arib-std-b67'] as const;

/** The largest track that is a video (as ffmpeg itself chooses), not a cover picture or a thumbnail. */
function chooseStream(streams: StreamInfo[]): StreamInfo {
  const isPicture = (stream: StreamInfo) => Object.values(stream.disposition ?? {}).includes(1);
  const videos = streams.filter((stream) => stream.codec_type === 'video' && !isPicture(stream));
  if (videos.length === 0) {
    throw new ClipqlError(
      'NO_VIDEO_TRACK',
      'The file has no video track (a cover picture is none). Send a file with moving pictures.',
    );
  }
  const area = ({ width = 0, height = 0 }: StreamInfo) => width * height;
  return videos.reduce((largest, stream) => (area(stream) > area(largest) ? stream : largest));
}

function displayedSize({ width = 0, height = 0, side_data_list = [] }: StreamInfo): {
  width: number;
  height: number;
} {
  const rotation = side_data_list.find((data) => data.rotation !== undefined)?.rotation ?? 0;
  const lying = Math.round(Math.abs(rotation)) % 180 === 90;
  return lying ? { width: height, height: width } : { width, height };
}

/** ffprobe exits 0 whatever it finds. What its decoder refuses, beyond `MAX_PIXELS` too, has no size at all. */
function checkSize({ width, height }: { width: number; height: number }): void {
  if (width === 0 || height === 0) {
    throw new ClipqlError(
      'NOT_A_VIDEO',
      `The video track cannot be decoded: it is damaged, of an unknown kind, or its frames have more than ${MAX_PIXELS / 1e6} million pixels.`,
    );
  }
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short < MIN_SIDE || long > MAX_ASPECT * short || width * height > MAX_PIXELS) {
    throw new ClipqlError(
      'MEDIA_LIMIT',
      `The video is ${width}×${height}. Sides must be at least ${MIN_SIDE} pixels, at most ${MAX_ASPECT}:1, and ${MAX_PIXELS / 1e6} million pixels together.`,
    );
  }
}

/** "30000/1001" as a number; null for "0/0" and the like. */
function ratio(text: string): number | null {
  const [numerator, denominator] = text.split('/').map(Number);
  const value = (numerator as number) / (denominator as number);
  return Number.isFinite(value) && value > 0 ? value : null;
}

/** Median difference of neighbours, in seconds; 0 for fewer than two times. */
function medianGap(times: Float64Array): number {
  const gaps = times
    .slice(1)
    .map((time, index) => time - (times[index] as number))
    .sort();
  const middle = gaps.length / 2;
  return ((gaps[Math.ceil(middle) - 1] ?? 0) + (gaps[Math.floor(middle)] ?? 0)) / 2;
}
