import { open } from 'node:fs/promises';
import { ClipqlError } from '../../errors.ts';

/** Bytes in which a page or a playlist shows what it is. */
const HEAD = 1024;
const PAGE =
  /^(\s|<!--(?:(?!-->)[\s\S])*-->|<\?xml[^>]*>)*<(!doctype html|html|head|body|title|script|meta)\b/i;

/** Throws `NOT_A_VIDEO` when a link led to a web page or a playlist, which to say helps more than "not a video". */
export async function checkPage(path: string): Promise<void> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
  const head = new TextDecoder().decode(buffer.subarray(0, bytesRead)); // without the byte order mark
  if (PAGE.test(head)) {
    throw new ClipqlError(
      'NOT_A_VIDEO',
      'This link leads to a web page, not to a video file. Give the link of the file itself; for pages of video sites the server needs yt-dlp (YTDLP_PATH, YTDLP_HOSTS).',
    );
  }
  if (head.startsWith('#EXTM3U')) {
    throw new ClipqlError(
      'NOT_A_VIDEO',
      'This link leads to a streaming playlist, not to a video file. Give the link of a file.',
    );
  }
}
