import { VIDEO_FIELDS } from './ytdlp-answer.ts';

/** How the lines begin that are for us. */
export const VIDEO_LINE = 'clipql-video ';
export const PROGRESS_LINE = 'clipql-progress ';

/** Name of the file without its extension, in the folder that yt-dlp runs in. */
export const FILE = 'video';

/**
 * Pictures and sound in one file (the two are not put together, which would need ffmpeg in yt-dlp's hands), by a protocol
 * that goes through the proxy. 720 lines are more than any model sees.
 */
const PROTOCOL = "[protocol~='^(https?|m3u8|m3u8_native|http_dash_segments)$']";
const FORMAT = ['b[height<=720]', 'b', 'bv*[height<=720]', 'bv*']
  .map((choice) => choice + PROTOCOL)
  .join('/');

/** What yt-dlp is called with to fetch the one video of a page. */
export function ytdlpArguments(url: URL, proxy: string, maxBytes: number): string[] {
  const page = new URL(url);
  page.hash = ''; // some of its fragments are orders
  page.username = '';
  page.password = '';
  return [
    ...['--ignore-config', '--no-plugin-dirs', '--no-cache-dir', '--proxy', proxy],
    ...['--no-playlist', '--lazy-playlist', '--playlist-items', '1:2'],
    ...['--format', FORMAT, '--downloader', 'm3u8,dash:native', '--ffmpeg-location', './none'],
    ...['--max-filesize', `${maxBytes}`, '--abort-on-unavailable-fragments', '--socket-timeout', '30'],
    ...['--no-simulate', '--quiet', '--no-warnings', '--color', 'never', '--no-mtime'],
    ...['--print', `before_dl:${VIDEO_LINE}%(.{${VIDEO_FIELDS.join(',')}})j`],
    ...['--progress', '--newline', '--progress-template'],
    `download:${PROGRESS_LINE}%(progress.downloaded_bytes)s %(progress.total_bytes,progress.total_bytes_estimate)s`,
    ...['--output', `${FILE}.%(ext)s`, '--', page.href],
  ];
}
