import type { ChildProcess } from 'node:child_process';
import { Worker } from 'node:worker_threads';

type Reply = { result: unknown } | { error: { message: string; code?: string } } | { progress: number };

/**
 * Sends a worker or child process one request and waits for its reply; one request at a time.
 * @param options buffers that a worker takes over; what is told how far it is, 0 to 1
 * @throws Error with the message and `code` of what went wrong there, or saying that it ended.
 */
export function ask(
  peer: Worker | ChildProcess,
  request: unknown,
  {
    transferred = [],
    onProgress,
  }: { transferred?: ArrayBuffer[]; onProgress?: (share: number) => void } = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      peer.off('message', reply).off('exit', exited).off('error', failed);
      act();
    };
    const reply = (message: Reply) => {
      if ('progress' in message) return onProgress?.(message.progress);
      settle(() =>
        'error' in message
          ? reject(Object.assign(new Error(message.error.message), message.error))
          : resolve(message.result),
      );
    };
    const failed = (error: Error) => settle(() => reject(error));
    const exited = (code: number | null, signal?: string | null) =>
      failed(
        new Error(
          `The model's ${peer instanceof Worker ? 'worker' : 'process'} ended during a run (${signal ?? code}).`,
        ),
      );
    peer.on('message', reply).on('exit', exited).on('error', failed);
    if (peer instanceof Worker) peer.postMessage(request, transferred);
    else peer.send(request as object, (error) => error && failed(error));
  });
}

/** The other side: replies to each request with what `handle` returns or throws, and before with its progress. */
export async function answer<Request>(
  request: Request,
  handle: (request: Request, report: (share: number) => void) => Promise<unknown>,
  reply: (message: Reply) => void,
): Promise<void> {
  try {
    reply({ result: await handle(request, (progress) => reply({ progress })) });
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    reply({ error: { message, ...(code && { code }) } });
  }
}
