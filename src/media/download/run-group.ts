import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { ClipqlError } from '../../errors.ts';

/** Characters of output in all, the progress of many hours included. */
const MAX_OUTPUT = 64 * 1024 ** 2;
/** Characters of one line, and of the messages that are kept. */
const MAX_LINE = 1024 ** 2;
const MAX_MESSAGES = 65_536;
/** Milliseconds for output that is still on its way when the program has ended. */
const DRAIN = 1000;

interface RunOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Takes standard output line by line. What it throws kills the program and is thrown. */
  onLine: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Runs a program as the leader of a process group; when it ends, or the signal aborts, the whole group is killed.
 * Returns its exit code (null: killed by somebody else) and the end of its messages. Throws the signal's reason,
 * `MEDIA_LIMIT` for one that does not stop talking, or why it could not be run.
 */
export async function runGroup(
  file: string,
  args: string[],
  { cwd, env, onLine, signal }: RunOptions,
): Promise<{ code: number | null; messages: string }> {
  signal.throwIfAborted();
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close').catch(() => {});
  let failure: { reason: unknown } | undefined;
  const kill = (reason: unknown) => {
    failure ??= { reason };
    killGroup(child.pid);
  };
  const onAbort = () => kill(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });

  let total = 0;
  let line = '';
  let messages = '';
  const count = (text: string) => {
    total += text.length;
    if (total > MAX_OUTPUT || line.length > MAX_LINE) kill(tooTalkative());
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    count(text);
    if (failure) return;
    const lines = (line + text).split('\n');
    line = lines.pop() ?? '';
    try {
      for (const whole of lines) onLine(whole);
    } catch (error) {
      kill(error);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    count(text);
    if (!failure) messages = (messages + text).slice(-MAX_MESSAGES);
  });

  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    killGroup(child.pid); // What it may have left behind, which may also hold the pipes open.
    await Promise.race([closed, wait(DRAIN, undefined, { ref: false })]);
    if (failure) throw failure.reason;
    return { code, messages };
  } finally {
    signal.removeEventListener('abort', onAbort);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}

function tooTalkative(): ClipqlError {
  return new ClipqlError(
    'MEDIA_LIMIT',
    'yt-dlp said more about this link than any video needs. Try another link.',
  );
}
