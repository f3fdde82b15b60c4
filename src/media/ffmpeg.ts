import { runTool } from './run-tool.ts';

/** Where the two tools are; names without a slash are looked up in PATH. */
export interface FfmpegPaths {
  ffmpeg: string;
  ffprobe: string;
}

/** `-fps_mode` came with 5.1. */
const OLDEST = [5, 1] as const;

const HOW_TO_INSTALL =
  'Install ffmpeg 5.1 or newer ("apt-get install ffmpeg", "brew install ffmpeg"), or set FFMPEG_PATH and FFPROBE_PATH.';

let current: FfmpegPaths = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
let zscale: Promise<boolean> | undefined;
let fromFile: Promise<string> | undefined;

/**
 * Checks that both tools are there and at least 5.1, and uses them from now on. Defaults: from PATH.
 * Throws an error that says how to install them.
 */
export async function useFfmpeg(paths: Partial<FfmpegPaths>): Promise<void> {
  const wanted = { ffmpeg: paths.ffmpeg ?? 'ffmpeg', ffprobe: paths.ffprobe ?? 'ffprobe' };
  for (const tool of ['ffmpeg', 'ffprobe'] as const) {
    const version = await versionOf(wanted[tool]).catch((cause) => {
      throw new Error(`${tool} could not be run. ${HOW_TO_INSTALL}`, { cause });
    });
    if (!isAtLeast(version, OLDEST)) throw new Error(`${tool} is too old. ${HOW_TO_INSTALL}`);
  }
  current = wanted;
  zscale = undefined;
  fromFile = undefined;
}

/** The tools in use. */
export function ffmpegPaths(): FfmpegPaths {
  return current;
}

/** Whether this ffmpeg can tone-map HDR (built with zimg). Asked once. */
export function canToneMap(): Promise<boolean> {
  zscale ??= runTool(current.ffmpeg, ['-hide_banner', '-filters'], {
    seconds: 20,
    maxOutput: 1_000_000,
  }).then(({ output }) => / zscale /.test(output.toString()));
  return zscale;
}

/** The option that takes a video's filters from a file, which may be longer than a command line. Asked once. */
export function filterOption(): Promise<string> {
  fromFile ??= versionOf(current.ffmpeg).then((version) =>
    isAtLeast(version, [7, 0]) ? '-/filter:v' : '-filter_script:v',
  );
  return fromFile;
}

type Version = readonly [major: number, minor: number];

/** Reads "ffmpeg version 5.1.9-0+deb12u1 …", "version n7.1 …"; builds from git ("N-119…", "git-…") count as recent. */
async function versionOf(tool: string): Promise<Version> {
  const { output } = await runTool(tool, ['-version'], { seconds: 20, maxOutput: 100_000 });
  const version = /^\w+ version (\S+)/.exec(output.toString())?.[1] ?? '';
  const numbers = /^n?(\d+)\.(\d+)/.exec(version);
  if (!numbers) return [/^(N-|git-|\d{4}-)/.test(version) ? Number.POSITIVE_INFINITY : 0, 0];
  return [Number(numbers[1]), Number(numbers[2])];
}

const isAtLeast = ([major, minor]: Version, [thatMajor, thatMinor]: Version): boolean =>
  major > thatMajor || (major === thatMajor && minor >= thatMinor);
