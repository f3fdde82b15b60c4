import { open, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Agent, Dispatcher } from 'undici';
import { ClipqlError } from '../../errors.ts';
import { describeAnswer } from './answer.ts';
import { checkPage } from './check-page.ts';
import { guardedAgent } from './guard.ts';
import { type KeptDownload, keep, readKept } from './kept-download.ts';
import { openUrl } from './open-url.ts';
import { sizeLimit } from './size-limit.ts';
import { isBroken, sourceError, statusError } from './source-error.ts';
import type { Downloaded, DownloadSettings } from './types.ts';

/** Times in milliseconds, and how often a connection that breaks half-way is continued within one call. */
export const LIMITS = { total: 12 * 3_600_000, idle: 60_000, continuations: 5, pause: 1000 };
/** Bytes that must come within `idle`, or it counts as idle. */
const MIN_BYTES = 16_384;

/** What an attempt to fetch the rest of a file needs, and tells. */
interface Attempt {
  agent: Agent;
  idle: number;
  report: (share: number) => void;
  signal: AbortSignal;
  /** The file has begun to come. */
  begun: boolean;
}

/** Fetches a plain URL as `download` says. */
export async function fetchFile(
  settings: DownloadSettings,
  url: string,
  to: string,
  report: (share: number) => void,
  signal: AbortSignal,
  limits = LIMITS,
): Promise<Downloaded> {
  const agent = guardedAgent(settings.hosts);
  const deadline = AbortSignal.timeout(limits.total);
  const common = { agent, idle: limits.idle, report, signal: AbortSignal.any([signal, deadline]) };
  try {
    for (let breaks = 0; ; breaks++) {
      const attempt = { ...common, begun: false };
      try {
        const downloaded = await fetchRest(settings, url, to, attempt);
        await checkPage(to);
        return downloaded;
      } catch (error) {
        signal.throwIfAborted();
        if (deadline.aborted) throw tooLong(limits.total);
        if (!isBroken(error) || !attempt.begun || breaks === limits.continuations) {
          throw sourceError(error, new URL(url).hostname);
        }
      }
      await wait(limits.pause * 2 ** breaks, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  } finally {
    await agent.destroy();
  }
}

/** Appends to what is there of the file, when the server still has the same one; else begins again. */
async function fetchRest(
  settings: DownloadSettings,
  url: string,
  to: string,
  attempt: Attempt,
): Promise<Downloaded> {
  const kept = await readKept(to);
  const offset = kept?.validator ? kept.size : 0;
  const headers = kept?.validator && offset > 0 ? range(offset, kept.validator) : {};
  const { response, url: last } = await openUrl(settings, url, { ...attempt, headers });
  try {
    const { statusCode } = response;
    const isPart = offset > 0 && (statusCode === 206 || statusCode === 416);
    if (statusCode !== 200 && !isPart) throw statusError(statusCode, last.hostname);
    const { file, start } = describeAnswer(response, last);
    const resumed = kept !== null && isPart && start === offset && (kept.total ?? file.total) === file.total;
    if (isPart && !resumed) {
      await rm(`${to}.json`); // The server has less than we do, or another file.
      return await fetchRest(settings, url, to, attempt);
    }
    attempt.begun = true;
    const now = resumed ? { ...kept, total: file.total } : file;
    const size = await write(response.body, to, resumed ? offset : 0, now, settings, attempt);
    await keep(to, { ...now, total: size });
    return now.downloaded;
  } finally {
    response.body.destroy();
  }
}

function range(offset: number, validator: string): Record<string, string> {
  return { range: `bytes=${offset}-`, 'if-range': validator };
}

/** Writes the body to the end of the file's first `offset` bytes, within the limits; returns the whole size. */
async function write(
  body: Dispatcher.ResponseData['body'],
  to: string,
  offset: number,
  kept: KeptDownload,
  settings: DownloadSettings,
  attempt: Attempt,
): Promise<number> {
  const { checkSize } = await sizeLimit(settings.maxBytes, to, offset);
  checkSize(kept.total ?? 0);
  await using file = await open(to, 'a');
  await file.truncate(offset);
  await keep(to, kept);

  let size = offset;
  let due = { at: performance.now() + attempt.idle, size: size + MIN_BYTES };
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    checkSize(size);
    await file.writeFile(chunk);
    if (kept.total !== null) attempt.report(size / kept.total);
    if (performance.now() < due.at) continue;
    if (size < due.size) throw Object.assign(new Error('The server dawdles.'), { code: 'ETIMEDOUT' });
    due = { at: performance.now() + attempt.idle, size: size + MIN_BYTES };
  }
  return size;
}

/** What is thrown for a download that takes too long. */
export function tooLong(milliseconds: number): ClipqlError {
  return new ClipqlError(
    'MEDIA_TIMEOUT',
    `Fetching the file took longer than ${Math.round(milliseconds / 3_600_000)} hours. Try again to go on, or upload it.`,
  );
}
