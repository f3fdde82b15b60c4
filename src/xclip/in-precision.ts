import type { Checkpoint } from './checkpoint.ts';
import { videoGraph } from './graph/video-graph.ts';
import { int8Checkpoint, type Making } from './int8/int8-checkpoint.ts';
import type { Precision } from './xclip.ts';

/**
 * A checkpoint whose encoders compute in this precision: `fp16` the video encoder alone, which is what a GPU is for.
 * `cache` is a folder for int8 weights, used when none can be written beside the model.
 * @throws Error when int8 weights cannot be made.
 */
export async function inPrecision(
  checkpoint: Checkpoint,
  precision: Precision,
  cache: string,
  making: Making,
): Promise<Checkpoint> {
  switch (precision) {
    case 'fp32':
      return checkpoint;
    case 'int8':
      return int8Checkpoint(checkpoint, cache, making);
    case 'fp16': {
      const { config, preprocessing, weightsPath: path, tensors, graphs } = checkpoint;
      const video = videoGraph(config, preprocessing, { path, tensors }, { type: 'float16' });
      return { ...checkpoint, graphs: { ...graphs, video } };
    }
  }
}
