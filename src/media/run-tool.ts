import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ClipqlError } from '../errors.ts';
import { limitChild, OUT_OF_MEMORY } from './limit-child.ts';

interface RunOptions {
  /** Wall-clock limit: then the tool is killed and `MEDIA_TIMEOUT` thrown. */
  seconds: number;
  /** Bytes of standard output kept; a tool that writes more is killed and `MEDIA_LIMIT` thrown. Ignored with `onOutput`. */
  maxOutput?: number;
  /** Takes the output piece by piece instead. What it throws kills the tool and is thrown. */
  onOutput?: (chunk: Buffer) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Runs ffmpeg or ffprobe to its end, whatever its exit code: on damaged files that says little. Its messages are
 * not kept: a hostile file can cause any number of them. A kill is SIGKILL, as ffmpeg outlives SIGTERM by many seconds.
 * Throws `MEDIA_TIMEOUT`; `MEDIA_LIMIT` also when the tool ended because it got no more memory.
 */
export async function runTool(
  file: string,
  args: string[],
  { seconds, maxOutput = 0, onOutput, signal }: RunOptions,
): Promise<{ code: number | null; output: Buffer }> {
  signal?.throwIfAborted();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  limitChild(child, seconds);
  let failure: unknown;
  const kill = (reason: unknown) => {
    failure ??= reason;
    child.kill('SIGKILL');
  };
  const onAbort = () => kill(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => kill(tooSlow(seconds)), seconds * 1000);

  const kept: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    if (failure) return;
    try {
      size += chunk.length;
      if (onOutput) onOutput(chunk);
      else if (size > maxOutput) throw new ClipqlError('MEDIA_LIMIT', 'The file holds too many streams.');
      else kept.push(chunk);
    } catch (error) {
      kill(error);
    }
  });
  let starved = false;
  child.stderr.on('data', (chunk: Buffer) => {
    starved ||= OUT_OF_MEMORY.test(chunk.toString('latin1'));
  });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (failure) throw failure;
    if (starved && code !== 0) throw tooLarge();
    return { code, output: Buffer.concat(kept) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * Seconds that decoding `length` seconds of video may take: ten times as long as it lasts, which is slow for 8K on an
 * old machine, and some for the start.
 */
export const patience = (length: number): number => 120 + 10 * length;

/** What is thrown for a file that keeps a tool busy for too long. */
export function tooSlow(seconds: number): ClipqlError {
  return new ClipqlError(
    'MEDIA_TIMEOUT',
    `Reading the video took longer than ${Math.round(seconds)} s. Try again, or convert it to H.264 first.`,
  );
}

/** What is thrown for a file that wants more memory than a tool gets. */
export function tooLarge(): ClipqlError {
  return new ClipqlError(
    'MEDIA_LIMIT',
    'Reading the video takes more than 3 GB of memory. Convert it to H.264 in a smaller size first.',
  );
}
