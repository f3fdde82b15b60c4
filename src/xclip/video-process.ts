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
  | { graph: Graph; provider: Provider; features: FeaturesForm }
  | { frames: Uint8Array; shape: number[] };

let session: InferenceSession;
let form: FeaturesForm;

async function handle(request: VideoRequest): Promise<unknown> {
  if ('graph' in request) {
    const { graph, provider } = request;
    if (provider !== 'cpu') await checkProvider(provider);
    session = await createSession(graph, { executionProviders: [provider] });
    form = request.features;
    return undefined;
  }
  const outputs = await session.run({ frames: new Tensor('uint8', request.frames, request.shape) });
  return { embedding: outputs.embedding?.data, patchFeatures: inForm(outputs) };
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
