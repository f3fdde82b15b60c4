import { tmpdir } from 'node:os';
import type { Checkpoint } from './checkpoint.ts';
import { inPrecision } from './in-precision.ts';
import type { Making } from './int8/int8-checkpoint.ts';
import { patchCount } from './model-config.ts';
import { openQueryEngine } from './query-engine.ts';
import { createVideoEncoder } from './video-encoder.ts';
import type { EngineOptions, XClip } from './xclip.ts';

/**
 * Starts the engine for a loaded checkpoint: the worker for texts and scores at once, the video process when needed.
 * `cache` is a folder for int8 weights, used when none can be written beside the model.
 * @throws Error when the runtime cannot use the checkpoint.
 */
export async function openXClip(
  checkpoint: Checkpoint,
  options: EngineOptions,
  cache = tmpdir(),
  making: Making = {},
): Promise<XClip> {
  const { name, fingerprint, sampling, bundled, config, framing, card, backgroundHash } = checkpoint;
  const used = await inPrecision(checkpoint, options.precision, cache, making);
  const videos = createVideoEncoder(used, options);
  // A GPU that cannot be used is told now, not at the first clip.
  if (options.provider !== 'cpu') {
    await videos.start().catch(async (error) => {
      await videos.close();
      throw error;
    });
  }
  const queries = await openQueryEngine(used);
  return {
    name,
    fingerprint,
    sampling,
    bundled,
    options,
    frames: config.vision_config.num_frames,
    dimensions: config.projection_dim,
    patches: patchCount(config),
    framing,
    card,
    backgroundHash,
    encodeClip: videos.encodeClip,
    encodeTexts: queries.encodeTexts,
    score: queries.score,
    close: async () => {
      await Promise.all([videos.close(), queries.close()]);
    },
  };
}
