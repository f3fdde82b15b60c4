import type { Probe } from './probe.ts';

/**
 * A still of frame `frame` (index into `probe.times`) as WebP: uncropped, 640 px wide or the video's width if less.
 * Throws `NOT_A_VIDEO` when nothing can be decoded, `MEDIA_TIMEOUT`.
 */
export async function poster(
  _path: string,
  _probe: Probe,
  _frame: number,
  _signal?: AbortSignal,
): Promise<Buffer> {
  throw new Error('Not built yet.');
}
