import { setPriority } from 'node:os';
import { type InferenceSession, Tensor } from 'onnxruntime-node-gpu';
import { answer } from './request-reply.ts';
import { createSession, type Graph } from './session.ts';

// A process for the video encoder: a run takes seconds, cannot be interrupted, and only a process can be killed in it.

// Gives way to queries. Before the session is made: on Linux this is the thread's priority, inherited by the runtime's threads.
setPriority(0, 10);

// A terminal sends Ctrl-C to the whole group, a service manager may send SIGTERM: our parent decides when we end.
process.on('SIGINT', () => {}).on('SIGTERM', () => {});
process.on('disconnect', () => process.exit());

export type VideoRequest = { graph: Graph } | { frames: Uint8Array; shape: number[] };

let session: InferenceSession;

async function handle(request: VideoRequest): Promise<unknown> {
  if ('graph' in request) {
    session = await createSession(request.graph);
    return undefined;
  }
  const outputs = await session.run({ frames: new Tensor('uint8', request.frames, request.shape) });
  const features = outputs.patch_features?.data as Uint16Array;
  const patchFeatures = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
  return { embedding: outputs.embedding?.data, patchFeatures };
}

process.on('message', (request: VideoRequest) =>
  answer(request, handle, (reply) => {
    // Our parent may have gone during a run, which blocks: the news of it comes after this reply.
    process.send?.(reply, undefined, undefined, (error) => error && process.exit());
  }),
);
