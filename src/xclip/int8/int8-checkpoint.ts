import { fork } from 'node:child_process';
import { type Checkpoint, withWeights } from '../checkpoint.ts';
import { ask } from '../request-reply.ts';
import type { Int8Request } from './int8-process.ts';

/**
 * The checkpoint with its encoders' weights in int8. The first time they are made, which takes a minute or more, and
 * written beside the checkpoint's, or into `folder` when nothing can be written there.
 * @throws Error when they cannot be made.
 */
export async function int8Checkpoint(checkpoint: Checkpoint, folder: string): Promise<Checkpoint> {
  const child = fork(new URL('./int8-process.js', import.meta.url), {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.on('error', () => {}); // The request tells it.
  try {
    const path = await ask(child, { checkpoint, folder } satisfies Int8Request);
    return await withWeights(checkpoint, path as string);
  } finally {
    child.kill('SIGKILL');
  }
}
