import type { Checkpoint } from './checkpoint.ts';
import { patchCount } from './model-config.ts';
import { openQueryEngine } from './query-engine.ts';
import { createVideoEncoder } from './video-encoder.ts';
import type { EngineOptions, XClip } from './xclip.ts';

/**
 * Starts the engine for a loaded checkpoint: the worker for texts and scores at once, the video process when needed.
 * @throws Error when the runtime cannot use the checkpoint.
 */
export async function openXClip(checkpoint: Checkpoint, options: EngineOptions): Promise<XClip> {
  const { name, fingerprint, bundled, config, framing, card, backgroundHash } = checkpoint;
  const queries = await openQueryEngine(checkpoint);
  const videos = createVideoEncoder(checkpoint, options.features);
  return {
    name,
    fingerprint,
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
