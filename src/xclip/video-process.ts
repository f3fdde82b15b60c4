import { readSync } from 'node:fs';
import { setPriority } from 'node:os';
import { type InferenceSession, Tensor } from 'onnxruntime-node-gpu';
import { checkProvider } from './check-provider.ts';
import { quantiseFeatures } from './quantise-features.ts';
import { answer } from './request-reply.ts';
import { createSession, type Graph } from './session.ts';
import type { FeaturesForm, Provider } from './xclip.ts';

// A process for the video encoder: a run takes seconds, cannot be interrupted, and only a process can be killed in it.

// Gives way to queries. Before the session is made: on Linux this is the thread's priority, inherited by the runtime's threads.
setPriority(0, 10);

// A terminal sends Ctrl-C to the whole group, a service manager may send SIGTERM: our parent decides when we end.
process.on('SIGINT', () => {}).on('SIGTERM', () => {});
process.on('disconnect', () => process.exit());

export type VideoRequest =
  /** `shape`: of a clip's frames, uint8. */
  | { task: 'open'; graph: Graph; provider: Provider; features: FeaturesForm; shape: number[] }
  /** The frames of one clip come through standard input: in messages, copies of them would pile up. */
  | { task: 'encode' };

let session: InferenceSession;
let form: FeaturesForm;
let frames: Tensor;

async function handle(request: VideoRequest): Promise<unknown> {
  if (request.task === 'open') {
    const { graph, provider, shape } = request;
    if (provider !== 'cpu') await checkProvider(provider);
    session = await createSession(graph, { executionProviders: [provider] });
    form = request.features;
    frames = new Tensor('uint8', new Uint8Array(shape.reduce((a, b) => a * b)), shape);
    return undefined;
  }
  fill(frames.data as Uint8Array);
  const outputs = await session.run({ frames });
  return { embedding: outputs.embedding?.data, patchFeatures: inForm(outputs) };
}

/** Blocks until all bytes have come. */
function fill(bytes: Uint8Array): void {
  const stdin = 0;
  for (let at = 0; at < bytes.length; ) {
    const count = readSync(stdin, bytes, { offset: at });
    if (count === 0) throw new Error('The frames of a clip ended early.');
    at += count;
  }
}

function inForm(outputs: InferenceSession.OnnxValueMapType): Uint8Array {
  const features = outputs.patch_features as Tensor;
  switch (form) {
    case 'fp32':
      return bytesOf(features.data as Float32Array);
    case 'fp16':
      return bytesOf(outputs.patch_features_fp16?.data as Uint16Array);
    case 'int8':
      return quantiseFeatures(features.data as Float32Array, features.dims[1] as number);
    case 'none':
      return new Uint8Array();
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Uint16Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

process.on('message', (request: VideoRequest) =>
  answer(request, handle, (reply) => {
    // Our parent may have gone during a run, which blocks: the news of it comes after this reply.
    process.send?.(reply, undefined, undefined, (error) => error && process.exit());
  }),
);
