import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bareEnvironment } from '../../config.ts';
import { ClipqlError } from '../../errors.ts';
import { LIMITS, tooLong } from './fetch-file.ts';
import { startProxy } from './guarded-proxy.ts';
import { keep } from './kept-download.ts';
import { runGroup } from './run-group.ts';
import { sizeLimit } from './size-limit.ts';
import type { Downloaded, DownloadSettings } from './types.ts';
import { watchFolder } from './watch-folder.ts';
import { readAnswer } from './ytdlp-answer.ts';
import { FILE, PROGRESS_LINE, VIDEO_LINE, ytdlpArguments } from './ytdlp-arguments.ts';
import { ytdlpError } from './ytdlp-error.ts';

/** Milliseconds: in all, without a sign of life (a page may take minutes until its video comes), between two looks. */
export const PAGE_LIMITS = { total: LIMITS.total, idle: 300_000, look: 1000 };

/**
 * Fetches the video of a site's page with yt-dlp, as `download` says: in a folder of its own, through a proxy with our
 * guard, since it has none. It always begins anew, as it cannot tell whether a page still holds the same file.
 */
export async function fetchPage(
  settings: DownloadSettings & { ytdlp: { path: string } },
  url: string,
  to: string,
  report: (share: number) => void,
  signal: AbortSignal,
  limits = PAGE_LIMITS,
): Promise<Downloaded> {
  const folder = `${to}.ytdlp`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const { checkSize } = await sizeLimit(settings.maxBytes, to, 0);
  const proxy = await startProxy(settings.hosts);
  const watch = watchFolder(folder, checkSize, limits, silent);
  const deadline = AbortSignal.timeout(limits.total);

  let answer: Downloaded | null = null;
  const onLine = (line: string) => {
    watch.heard();
    if (line.startsWith(VIDEO_LINE)) answer = readAnswer(line.slice(VIDEO_LINE.length));
    if (!line.startsWith(PROGRESS_LINE)) return;
    const [done, total] = line.slice(PROGRESS_LINE.length).split(' ').map(Number);
    if (done && total) report(Math.min(1, done / total));
  };
  try {
    const args = ytdlpArguments(new URL(url), proxy.url, settings.maxBytes);
    const { code, messages } = await runGroup(settings.ytdlp.path, args, {
      cwd: folder,
      env: bareEnvironment({ HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8' }),
      onLine,
      signal: AbortSignal.any([signal, deadline, watch.signal]),
    });
    if (code !== 0) throw proxy.refusal() ?? ytdlpError(messages);
    return await takeOver(folder, to, answer, checkSize);
  } catch (error) {
    signal.throwIfAborted();
    throw deadline.aborted ? tooLong(limits.total) : error;
  } finally {
    watch.end();
    proxy.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the one file that was fetched ours; nothing else in the folder is touched, and no link followed. */
async function takeOver(
  folder: string,
  to: string,
  downloaded: Downloaded | null,
  checkSize: (bytes: number) => void,
): Promise<Downloaded> {
  const files = [];
  for (const name of await readdir(folder)) {
    const found = await lstat(join(folder, name));
    if (name.startsWith(`${FILE}.`) && !/\.(part|ytdl|temp)$/.test(name) && found.isFile()) {
      files.push({ name, size: found.size });
    }
  }
  const [file] = files;
  if (downloaded === null || files.length > 1) {
    throw new ClipqlError('SOURCE_NOT_FOUND', 'yt-dlp found no video at this link. Check the link.');
  }
  if (file === undefined) {
    throw new ClipqlError(
      'MEDIA_LIMIT',
      'The video is larger than the server takes (MAX_FILE_SIZE), so yt-dlp left it out.',
    );
  }
  checkSize(file.size);
  await rename(join(folder, file.name), to);
  await keep(to, { downloaded, validator: null, total: file.size });
  return downloaded;
}

function silent(): ClipqlError {
  return new ClipqlError(
    'SOURCE_UNREACHABLE',
    'The site fell silent while the video was fetched. Try again later.',
  );
}
