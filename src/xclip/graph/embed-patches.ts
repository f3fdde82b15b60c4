import type { ModelConfig } from '../model-config.ts';
import type { Preprocessing } from '../preprocessing.ts';
import type { GraphBuilder, Value } from './builder.ts';

/** Frames uint8 RGB [B, T, S, S, 3] → CLS and patch tokens with positions, [B · T, P + 1, hidden]. */
export function embedPatches(
  g: GraphBuilder,
  frames: Value,
  config: ModelConfig,
  preprocessing: Preprocessing,
): Value {
  const { hidden_size: hidden, image_size: image, patch_size: patch } = config.vision_config;
  const grid = Math.floor(image / patch);
  const covered = g.ints(grid * patch, grid * patch);
  const pixels = g.op('Slice', [
    g.reshape(frames, g.ints(-1, image, image, 3)),
    g.ints(0, 0),
    covered,
    g.ints(1, 2),
  ]);
  // The strided convolution as a product: each patch a row [3 · patch · patch], channels first as the kernel has them.
  const split = g.reshape(pixels, g.ints(-1, grid, patch, grid, patch, 3));
  const byPatch = g.op('Transpose', [split], { perm: [0, 1, 3, 5, 2, 4] });
  const values = g.cast(g.reshape(byPatch, g.ints(-1, 3, patch * patch)), 'float32');
  const { scale, mean, std } = preprocessing;
  const centred = g.op('Sub', [
    values,
    g.floats(
      mean.map((m) => m / scale),
      [3, 1],
    ),
  ]);
  const normalised = g.op('Mul', [
    centred,
    g.floats(
      std.map((s) => scale / s),
      [3, 1],
    ),
  ]);
  const kernel = g.weight(
    'vision_model.embeddings.patch_embedding.weight',
    [hidden, 3, patch, patch],
    [hidden, 3 * patch * patch],
  );
  const patchRows = g.reshape(g.cast(normalised, g.type), g.ints(-1, 3 * patch * patch));
  const embedded = g.op('Gemm', [patchRows, kernel], { transB: 1 });

  const patchTokens = g.reshape(embedded, g.ints(-1, grid * grid, hidden));
  const images = g.op('Gather', [g.op('Shape', [patchTokens]), g.ints(0)]);
  const cls = g.weight('vision_model.embeddings.class_embedding', [hidden], [1, 1, hidden]);
  const clsTokens = g.op('Expand', [cls, g.op('Concat', [images, g.ints(1, hidden)], { axis: 0 })]);
  const tokens = g.op('Concat', [clsTokens, patchTokens], { axis: 1 });
  const positions = g.weight('vision_model.embeddings.position_embedding.weight', [grid * grid + 1, hidden]);
  return g.op('Add', [tokens, positions]);
}
