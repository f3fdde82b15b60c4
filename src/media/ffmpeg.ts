/** Where the two tools are; names without a slash are looked up in PATH. */
export interface FfmpegPaths {
  ffmpeg: string;
  ffprobe: string;
}

/**
 * Checks that both tools are there and at least 5.1, and uses them from now on. Defaults: from PATH.
 * Throws an error that says how to install them.
 */
export async function useFfmpeg(_paths: Partial<FfmpegPaths>): Promise<void> {
  throw new Error('Not built yet.');
}
