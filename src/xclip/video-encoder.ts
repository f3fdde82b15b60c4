import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { environmentWith } from '../config.ts';
import { ClipqlError } from '../errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { ask } from './request-reply.ts';
import { createTurns } from './turns.ts';
import type { VideoRequest } from './video-process.ts';
import type { ClipEncoding, EngineOptions, XClip } from './xclip.ts';

/** Milliseconds without a clip after which the process, which holds the vision weights, is ended. */
const IDLE = 60_000;

/** The video encoder: a child process of low priority, started when first needed and again after it has ended. */
export function createVideoEncoder(
  { config, graphs, weightsPath }: Checkpoint,
  { provider, features }: EngineOptions,
): Pick<XClip, 'encodeClip' | 'close'> & { start(): Promise<void> } {
  const { num_frames: frameCount, image_size: px } = config.vision_config;
  const shape = [1, frameCount, px, px, 3];
  const bytes = frameCount * px * px * 3;
  const turns = createTurns();
  let child: ChildProcess | null = null;
  let idle: NodeJS.Timeout | undefined;
  let closed = false;

  async function encodeClip(frames: Uint8Array, signal?: AbortSignal): Promise<ClipEncoding> {
    if (frames.length !== bytes) {
      throw new RangeError(`The frames of a clip: ${frames.length} bytes, not ${bytes}.`);
    }
    return turns(async () => {
      clearTimeout(idle);
      signal?.addEventListener('abort', kill, { once: true });
      try {
        const process = await running();
        const began = performance.now();
        process.stdin?.write(frames);
        const encoding = await ask(process, { task: 'encode' } satisfies VideoRequest);
        return { ...(encoding as ClipEncoding), seconds: (performance.now() - began) / 1000 };
      } finally {
        signal?.removeEventListener('abort', kill);
        idle = setTimeout(kill, IDLE).unref();
      }
    }, signal);
  }

  async function running(): Promise<ChildProcess> {
    if (closed) throw new Error('The model is closed.');
    if (child) return child;
    await access(weightsPath).catch((cause) => {
      throw new ClipqlError('MODEL_NOT_READY', 'The weights of the model are gone. Fetch them again.', {
        cause,
      });
    });
    const started = fork(new URL('./video-process.js', import.meta.url), {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['pipe', 'inherit', 'inherit', 'ipc'],
      // On a GPU, fp32 would be TF32 with 10 bits instead of 23; the runtime's binding has no option against it.
      env: environmentWith({ NVIDIA_TF32_OVERRIDE: '0' }),
    });
    child = started;
    // The request under way tells it.
    started.on('error', () => {});
    started.stdin?.on('error', () => {});
    started.once('exit', () => {
      if (child === started) child = null;
    });
    const graph = { model: graphs.video, weightsPath };
    await ask(started, { task: 'open', graph, provider, features, shape } satisfies VideoRequest);
    return started;
  }

  // It keeps nothing that a kill could harm.
  function kill(): void {
    child?.kill('SIGKILL');
    child = null;
  }

  async function close(): Promise<void> {
    closed = true;
    clearTimeout(idle);
    const exit = child && once(child, 'exit');
    kill();
    await exit;
  }

  /** Starts the process now, to learn whether it can. */
  function start(): Promise<void> {
    return turns(async () => {
      await running();
      idle = setTimeout(kill, IDLE).unref();
    });
  }

  return { encodeClip, start, close };
}
