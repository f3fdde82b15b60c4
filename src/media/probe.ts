import type { Warning } from '../store/types.ts';

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
  /** The file has no usable presentation times: frame k is at k / frameRate. */
  untimed: boolean;
  /** Its colours are of high dynamic range (PQ or HLG) and need tone mapping to be shown. */
  hdr: boolean;
  warnings: Warning[];
}

/** Reads a file's streams and packets. Throws `NOT_A_VIDEO`, `NO_VIDEO_TRACK`, `MEDIA_LIMIT`, `MEDIA_TIMEOUT`. */
export async function probe(_path: string, _signal?: AbortSignal): Promise<Probe> {
  throw new Error('Not built yet.');
}
