import { fork } from 'node:child_process';
import { type Checkpoint, withWeights } from '../checkpoint.ts';
import { ask } from '../request-reply.ts';
import type { Int8Request } from './int8-process.ts';

/** What may be told and asked while weights are made in another precision. */
export interface Making {
  /** Told how far they are, 0 to 1; not at all when they are there. */
  report?: (share: number) => void;
  signal?: AbortSignal;
}

/**
 * The checkpoint with its encoders' weights in int8. The first time they are made, which takes a minute or more, and
 * written beside the checkpoint's, or into `folder` when nothing can be written there.
 * @throws Error when they cannot be made.
 */
export async function int8Checkpoint(
  checkpoint: Checkpoint,
  folder: string,
  { report, signal }: Making = {},
): Promise<Checkpoint> {
  signal?.throwIfAborted();
  const child = fork(new URL('./int8-process.js', import.meta.url), {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('error', () => {}); // The request tells it.
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  try {
    const request: Int8Request = { checkpoint, folder };
    const path = await ask(child, request, report && { onProgress: report });
    return await withWeights(checkpoint, path as string);
  } finally {
    signal?.removeEventListener('abort', kill);
    kill();
  }
}
