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

/**
 * Checks that both tools are there and at least 5.1, and uses them from now on. Defaults: from PATH.
 * Throws an error that says how to install them.
 */
export async function useFfmpeg(paths: Partial<FfmpegPaths>): Promise<void> {
  const wanted = { ffmpeg: paths.ffmpeg ?? 'ffmpeg', ffprobe: paths.ffprobe ?? 'ffprobe' };
  for (const tool of ['ffmpeg', 'ffprobe'] as const) {
    const { output } = await runTool(wanted[tool], ['-version'], { seconds: 20, maxOutput: 100_000 }).catch(
      (cause) => {
        throw new Error(`${tool} could not be run. ${HOW_TO_INSTALL}`, { cause });
      },
    );
    if (!isRecent(output.toString())) throw new Error(`${tool} is too old. ${HOW_TO_INSTALL}`);
  }
  current = wanted;
  zscale = undefined;
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

/** Reads "ffmpeg version 5.1.9-0+deb12u1 …", "version n7.1 …"; builds from git ("N-119…", "git-…") count as recent. */
function isRecent(banner: string): boolean {
  const version = /^\w+ version (\S+)/.exec(banner)?.[1];
  if (version === undefined) return false;
  const numbers = /^n?(\d+)\.(\d+)/.exec(version);
  if (!numbers) return /^(N-|git-|\d{4}-)/.test(version);
  const [major, minor] = [Number(numbers[1]), Number(numbers[2])];
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
