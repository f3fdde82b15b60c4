import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Bytes of address space: 8K HEVC of 10 bits takes less than half of it, which leaves room for more reference frames. What
 * a file asks for beyond, it does not get.
 */
const MAX_MEMORY = 3 * 1024 ** 3;
/** A process uses more processor time than wall-clock time by so many threads at most. */
const THREADS = 4;

/**
 * Has the kernel limit a child's memory and, for the case that nobody is left to kill it, its processor time. Only
 * where `prlimit` is (Linux); elsewhere the wall clock must do.
 * @param seconds of wall-clock time that the child is given
 */
export function limitChild(child: ChildProcess, seconds: number): void {
  if (child.pid === undefined) return;
  const cpu = Math.ceil(seconds * THREADS);
  const limits = [`--as=${MAX_MEMORY}`, `--cpu=${cpu}:${cpu + 5}`];
  spawn('prlimit', ['--pid', String(child.pid), ...limits], { stdio: 'ignore' }).on('error', () => {});
}

/** What ffmpeg and ffprobe say on standard error when they get no more memory. */
export const OUT_OF_MEMORY = /Cannot allocate memory/;
