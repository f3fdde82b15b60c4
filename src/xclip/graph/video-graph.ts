import { type ModelConfig, patchCount } from '../model-config.ts';
import type { Preprocessing } from '../preprocessing.ts';
import { type GraphBuilder, type GraphMode, graphBuilder, type Value } from './builder.ts';
import { embedPatches } from './embed-patches.ts';
import {
  attention,
  encoderLayer,
  type LayerSizes,
  layerNorm,
  linear,
  normalise,
  residualMlp,
  type Sequences,
} from './layers.ts';
import type { Weights } from './weights.ts';

/**
 * Tokens that go through a layer at once. The peak memory of a 32-frame clip of B/16 falls from 0.85 to 0.69 GB at the
 * same speed; with a quarter as many it would fall by 0.05 GB more and take 8 % longer.
 */
const TOKENS_AT_ONCE = 1600;

/**
 * The video graph: `frames` uint8 RGB [B, T, S, S, 3] → `embedding` [B, D], L2-normalised, and `patch_features` and
 * `patch_features_fp16` [B, P, D] after the prompt generator's layer norm (it does not depend on the text).
 * @throws CheckpointError when a weight is missing or of another shape.
 */
export function videoGraph(
  config: ModelConfig,
  preprocessing: Preprocessing,
  weights: Weights,
  mode?: GraphMode,
): Uint8Array {
  const { vision_config: vision, projection_dim: dimensions } = config;
  const { hidden_size: hidden, num_frames: frames, image_size: image, layer_norm_eps: epsilon } = vision;
  const patches = patchCount(config);
  const sizes: LayerSizes = {
    hidden,
    heads: vision.num_attention_heads,
    intermediate: vision.intermediate_size,
    activation: vision.hidden_act,
    epsilon,
  };
  const g = graphBuilder('video', weights, mode);
  const input = g.input('frames', 'uint8', ['B', frames, image, image, 3]);

  let rows = g.reshape(embedPatches(g, input, config, preprocessing), g.ints(-1, hidden));
  rows = layerNorm(g, rows, 'vision_model.pre_layernorm', hidden, epsilon);
  for (let i = 0; i < vision.num_hidden_layers; i++) {
    rows = visionLayer(g, rows, `vision_model.encoder.layers.${i}`, sizes, frames, patches);
  }
  const last = g.reshape(rows, g.ints(-1, patches + 1, hidden));
  const cls = g.op('Gather', [last, g.ints(0)], { axis: 1 });
  const pooled = layerNorm(
    g,
    g.reshape(cls, g.ints(-1, hidden)),
    'vision_model.post_layernorm',
    hidden,
    epsilon,
  );
  const projected = linear(g, pooled, 'visual_projection', hidden, dimensions, { bias: false });
  g.output('embedding', integrateFrames(g, projected, config), 'float32', ['B', dimensions]);

  const patchRows = g.op('Slice', [last, g.ints(1), g.ints(patches + 1), g.ints(1)]);
  const normed = layerNorm(g, patchRows, 'prompts_visual_layernorm', hidden, epsilon);
  // The mean over frames commutes with the projection and comes first: T times less to project.
  const perFrame = g.reshape(normed, g.ints(-1, frames, patches, hidden));
  const mean = g.op('ReduceMean', [perFrame], { axes: [1], keepdims: 0 });
  const seen = g.op('MatMul', [mean, g.weight('prompts_visual_projection', [hidden, dimensions])]);
  const attended = layerNorm(g, seen, 'prompts_generator.layernorm', dimensions, epsilon);
  g.output('patch_features', g.cast(attended, 'float32'), 'float32', ['B', patches, dimensions]);
  g.output('patch_features_fp16', g.cast(attended, 'float16'), 'float16', ['B', patches, dimensions]);
  return g.build();
}

/**
 * A layer with cross-frame communication (X-CLIP, arXiv 2208.02816, section 3.2): each frame's CLS becomes a message
 * token, the messages attend to each other across frames, and the frame's tokens attend to themselves and its message.
 * All but the messages is computed for groups of frames, one after the other, if there are several.
 * The message's own output is not used, so it takes part as key and value only.
 */
function visionLayer(
  g: GraphBuilder,
  rows: Value,
  name: string,
  sizes: LayerSizes,
  frames: number,
  patches: number,
): Value {
  const { hidden, epsilon } = sizes;
  const tokens = g.reshape(rows, g.ints(-1, patches + 1, hidden));
  const cls = g.reshape(g.op('Gather', [tokens, g.ints(0)], { axis: 1 }), g.ints(-1, hidden));
  const said = linear(g, cls, `${name}.message_fc`, hidden, hidden);
  const across: Sequences = {
    rows: layerNorm(g, said, `${name}.message_ln`, hidden, epsilon),
    shape: g.ints(-1, frames, hidden),
  };
  const message = g.op('Add', [said, attention(g, `${name}.message_attn`, across, across, sizes)]);

  const groups = frames / framesAtOnce(frames, patches);
  if (groups === 1) return frameLayer(g, rows, message, name, sizes, patches);
  const slices = [
    g.reshape(rows, g.ints(groups, -1, hidden)),
    g.reshape(message, g.ints(groups, -1, hidden)),
  ];
  const heard = g.scan(slices, ([own, said]) =>
    frameLayer(g, own as Value, said as Value, name, sizes, patches),
  );
  return g.reshape(heard, g.ints(-1, hidden));
}

/** How many of T frames go through a layer at once: a divisor of T. */
function framesAtOnce(frames: number, patches: number): number {
  let count = frames;
  while (count > 1 && (frames % count > 0 || count * (patches + 1) > TOKENS_AT_ONCE)) count--;
  return count;
}

/** What of a layer looks at no other frame: rows [frames · (P + 1), hidden], messages [frames, hidden]. */
function frameLayer(
  g: GraphBuilder,
  rows: Value,
  message: Value,
  name: string,
  sizes: LayerSizes,
  patches: number,
): Value {
  const { hidden, epsilon } = sizes;
  const norm = (x: Value) => layerNorm(g, x, `${name}.layer_norm1`, hidden, epsilon);
  const normed = norm(rows);
  const withMessage = g.op(
    'Concat',
    [g.reshape(normed, g.ints(-1, patches + 1, hidden)), g.reshape(norm(message), g.ints(-1, 1, hidden))],
    { axis: 1 },
  );
  const from = { rows: normed, shape: g.ints(-1, patches + 1, hidden) };
  const over = { rows: g.reshape(withMessage, g.ints(-1, hidden)), shape: g.ints(-1, patches + 2, hidden) };
  const heard = attention(g, `${name}.self_attn`, from, over, sizes);
  return residualMlp(g, g.op('Add', [rows, heard]), name, sizes);
}

/** The multi-frame integration transformer: frame rows [B · T, D] → normalised video embedding [B, D]. */
function integrateFrames(g: GraphBuilder, frameRows: Value, config: ModelConfig): Value {
  const { vision_config: vision, projection_dim: dimensions } = config;
  const sizes: LayerSizes = {
    hidden: dimensions,
    heads: vision.mit_num_attention_heads,
    intermediate: vision.mit_intermediate_size,
    activation: vision.hidden_act,
    epsilon: vision.layer_norm_eps,
  };
  const shape = g.ints(-1, vision.num_frames, dimensions);
  const perFrame = g.reshape(frameRows, shape);
  const positions = g.weight('mit.position_embedding', [1, vision.num_frames, dimensions]);
  let x: Sequences = { rows: g.reshape(g.op('Add', [perFrame, positions]), g.ints(-1, dimensions)), shape };
  for (let i = 0; i < vision.mit_num_hidden_layers; i++) {
    x = encoderLayer(g, x, `mit.encoder.layers.${i}`, sizes);
  }
  const integrated = g.op('Add', [g.reshape(x.rows, shape), perFrame]);
  const mean = g.op('ReduceMean', [integrated], { axes: [1], keepdims: 0 });
  return normalise(g, g.cast(mean, 'float32'));
}
