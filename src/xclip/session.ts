import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { InferenceSession } from 'onnxruntime-node-gpu';

// Where JavaScript has a Float16Array (Node 24), the runtime takes it for fp16 tensors, but its binding cannot pass one
// (onnxruntime-node 1.30). Without it, as on Node 20, fp16 tensors are Uint16Array. Only our workers load this module.
Reflect.deleteProperty(globalThis, 'Float16Array');

/** An ONNX graph as bytes and the real path of the weights it reads in place. */
export interface Graph {
  model: Uint8Array;
  weightsPath: string;
}

/**
 * Creates a runtime session on all cores. A session's `run` blocks its thread although it returns a promise, so this
 * is called in workers only.
 */
export function createSession(
  { model, weightsPath }: Graph,
  options: Pick<
    InferenceSession.SessionOptions,
    'executionProviders' | 'enableProfiling' | 'profileFilePrefix'
  > = {},
): Promise<InferenceSession> {
  return InferenceSession.create(model, {
    ...options,
    intraOpNumThreads: availableParallelism(),
    // Plans one block for all activations: a third more memory at the same speed.
    enableMemPattern: false,
    logSeverityLevel: 3,
    extra: {
      session: {
        // The runtime refuses weights outside the model's folder; a model given as bytes has none, so it is named here.
        model_external_initializers_file_folder_path: dirname(weightsPath),
        // Microseconds its threads wait for the next operator before they sleep. By default they hold a core for some
        // ten milliseconds after a run, and the run of another session takes twice its time.
        intra_op: { spin_duration_us: '200' },
      },
    },
  });
}
