import { type ModelConfig, patchCount } from '../model-config.ts';
import { type GraphBuilder, graphBuilder, type Value, type Weights } from './builder.ts';
import { activate, layerNorm, linear, normalise } from './layers.ts';
import type { FeatureType } from './video-graph.ts';

/**
 * The score graph: `texts` [K, D] (not normalised), `clips` [N, D] (L2-normalised) and `patch_features` [N, P, D] →
 * `logits` [N, K]: each text is adapted to each clip by the video-specific prompt generator, then compared with it.
 * @throws CheckpointError when a weight is missing or of another shape.
 */
export function scoreGraph(
  config: ModelConfig,
  weights: Weights,
  features: FeatureType = 'float16',
): Uint8Array {
  const { projection_dim: dimensions, text_config: text } = config;
  const patches = patchCount(config);
  const g = graphBuilder('score', weights);
  const texts = g.input('texts', 'float32', ['K', dimensions]);
  const clips = g.input('clips', 'float32', ['N', dimensions]);
  const visual = g.cast(g.input('patch_features', features, ['N', patches, dimensions]), 'float32');

  const count = (value: Value) => g.op('Gather', [g.op('Shape', [value]), g.ints(0)]);
  const pairs = g.op('Concat', [count(clips), count(texts), g.ints(dimensions)], { axis: 0 });
  const perClip = g.op('Expand', [texts, pairs]);
  let rows = g.reshape(perClip, g.ints(-1, dimensions));
  for (let i = 0; i < config.prompt_layers; i++) {
    rows = promptLayer(g, rows, visual, pairs, `prompts_generator.decoder.${i}`, config, text.layer_norm_eps);
  }
  const prompt = g.op('Mul', [g.reshape(rows, pairs), g.weight('prompts_generator.alpha', [dimensions])]);
  const adapted = normalise(g, g.op('Add', [perClip, prompt]));

  const columns = g.reshape(clips, g.ints(-1, dimensions, 1));
  const cosine = g.op('Squeeze', [g.op('MatMul', [adapted, columns]), g.ints(2)]);
  const logits = g.op('Mul', [cosine, g.op('Exp', [g.weight('logit_scale', [])])]);
  g.output('logits', logits, 'float32', ['N', 'K']);
  return g.build();
}

function promptLayer(
  g: GraphBuilder,
  rows: Value,
  visual: Value,
  pairs: Value,
  name: string,
  config: ModelConfig,
  epsilon: number,
): Value {
  const D = config.projection_dim;
  const query = layerNorm(g, rows, `${name}.norm1`, D, epsilon);
  const heard = crossAttention(
    g,
    query,
    visual,
    pairs,
    `${name}.cross_attn`,
    D,
    config.prompt_num_attention_heads,
  );
  const x = g.op('Add', [rows, heard]);
  const normed = layerNorm(g, x, `${name}.norm3`, D, epsilon);
  const inner = activate(g, linear(g, normed, `${name}.mlp.0`, D, 4 * D), config.prompt_hidden_act);
  return g.op('Add', [x, linear(g, inner, `${name}.mlp.3`, 4 * D, D)]);
}

/**
 * Attention of each text to the patches of each clip. A text is one query, so the projections of all P patches are
 * avoided exactly: `q · (W_k x) = (W_kᵀ q) · x` and `Σ a_i (W_v x_i) = W_v (Σ a_i x_i)`, head by head.
 */
function crossAttention(
  g: GraphBuilder,
  query: Value,
  visual: Value,
  pairs: Value,
  name: string,
  D: number,
  heads: number,
): Value {
  const size = D / heads;
  const byHead = (part: string) => g.weight(`${name}.${part}_proj.weight`, [D, D], [heads, size, D]);
  const q = g.reshape(linear(g, query, `${name}.q_proj`, D, D, { bias: false }), g.ints(-1, heads, size));
  const scaled = g.op('Mul', [q, g.floats([size ** -0.5])]);
  const headFirst = g.op('Transpose', [scaled], { perm: [1, 0, 2] });
  const absorbed = g.op('MatMul', [headFirst, byHead('k')]); // [heads, N · K, D]

  const clips = g.op('Gather', [pairs, g.ints(0)]);
  const perClip = g.op('Concat', [clips, g.ints(-1, D)], { axis: 0 }); // [N, K · heads, D]
  const queries = g.reshape(g.op('Transpose', [absorbed], { perm: [1, 0, 2] }), perClip);
  const similarity = g.op('MatMul', [queries, g.op('Transpose', [visual], { perm: [0, 2, 1] })]);
  const looked = g.op('MatMul', [g.op('Softmax', [similarity], { axis: -1 }), visual]);

  const looksByHead = g.op('Transpose', [g.reshape(looked, g.ints(-1, heads, D))], { perm: [1, 0, 2] });
  const values = g.op('MatMul', [looksByHead, g.op('Transpose', [byHead('v')], { perm: [0, 2, 1] })]);
  const joined = g.reshape(g.op('Transpose', [values], { perm: [1, 0, 2] }), g.ints(-1, D));
  return linear(g, joined, `${name}.proj`, D, D);
}
