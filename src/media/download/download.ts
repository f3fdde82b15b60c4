import { checkUrl } from './check-url.ts';
import { fetchFile } from './fetch-file.ts';
import { fetchPage } from './fetch-page.ts';
import { isListed } from './host-list.ts';
import { readKept } from './kept-download.ts';
import type { Downloaded, DownloadSettings } from './types.ts';

export type { Downloaded, DownloadSettings };
export { checkUrl };

/**
 * Fetches `url` into the file `to`: a new one, or one a former attempt left, which is resumed where the server allows.
 * Until the whole is there, notes for that lie beside it, under names that begin with `to`.
 * Throws `SOURCE_UNREACHABLE` (may pass), `SOURCE_NOT_ALLOWED`, `SOURCE_NOT_FOUND`, `BAD_USER_INPUT`, `NOT_A_VIDEO` (a web
 * page), `MEDIA_LIMIT`, `MEDIA_TIMEOUT`, `DISK_FULL`, or the signal's reason.
 * @param report called with the share that is there, 0 to 1
 */
export async function download(
  settings: DownloadSettings,
  url: string,
  to: string,
  report: (share: number) => void,
  signal: AbortSignal,
): Promise<Downloaded> {
  signal.throwIfAborted();
  checkUrl(settings, url);
  const kept = await readKept(to);
  if (kept && kept.size === kept.total) return kept.downloaded;
  const { ytdlp } = settings;
  return ytdlp && isListed(ytdlp.hosts, new URL(url))
    ? fetchPage({ ...settings, ytdlp }, url, to, report, signal)
    : fetchFile(settings, url, to, report, signal);
}
