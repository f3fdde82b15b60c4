import { runTool } from '../run-tool.ts';

/** Before, a fragment of a URL could override the proxy. */
const OLDEST = '2025.04';
/** The one-file build unpacks itself first. */
const SECONDS = 60;

const HOW_TO_INSTALL = `Install yt-dlp ${OLDEST} or newer (https://github.com/yt-dlp/yt-dlp/wiki/Installation) and set YTDLP_PATH, or leave it unset.`;

/** Checks that yt-dlp is there and recent. Throws an error that says how to install it. */
export async function checkYtdlp(path: string): Promise<void> {
  const { code, output } = await runTool(path, ['--ignore-config', '--version'], {
    seconds: SECONDS,
    maxOutput: 1000,
  }).catch((cause) => {
    throw new Error(`yt-dlp could not be run. ${HOW_TO_INSTALL}`, { cause });
  });
  const version = output.toString().trim();
  if (code !== 0 || !/^\d{4}\.\d\d\.\d\d/.test(version)) {
    throw new Error(`YTDLP_PATH does not name yt-dlp. ${HOW_TO_INSTALL}`);
  }
  if (version < OLDEST) throw new Error(`yt-dlp ${version} is too old. ${HOW_TO_INSTALL}`);
}
