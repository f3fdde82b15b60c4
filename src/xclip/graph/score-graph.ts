import { featureLayout } from '../feature-layout.ts';
import { type ModelConfig, patchCount } from '../model-config.ts';
import type { FeaturesForm } from '../xclip.ts';
import { type GraphBuilder, graphBuilder, type Value } from './builder.ts';
import { type CrossAttention, crossAttention, mostAbsorbed } from './cross-attention.ts';
import { activate, layerNorm, linear, normalise } from './layers.ts';
import type { Weights } from './weights.ts';

/** The score graph for each form of features. */
export type ScoreGraphs = Record<FeaturesForm, Uint8Array>;

/** @throws CheckpointError when a weight is missing or of another shape. */
export function scoreGraphs(config: ModelConfig, weights: Weights): ScoreGraphs {
  const graph = (features: FeaturesForm) => scoreGraph(config, weights, features);
  return { fp32: graph('fp32'), fp16: graph('fp16'), int8: graph('int8'), none: graph('none') };
}

/**
 * The score graph: `texts` [K, D] (not normalised), `clips` [N, D] (L2-normalised) and `patch_features` of the clips
 * [N, P, D] → `logits` [N, K]: each text is adapted to each clip by the video-specific prompt generator, then compared
 * with it. Features in int8 come with their `scales` [N, P, 1]; without features (`none`) the text is compared as it is.
 * @throws CheckpointError when a weight is missing or of another shape.
 */
export function scoreGraph(config: ModelConfig, weights: Weights, features: FeaturesForm): Uint8Array {
  const { projection_dim: D, prompt_num_attention_heads: heads } = config;
  const P = patchCount(config);
  const g = graphBuilder('score', weights);
  const texts = g.input('texts', 'float32', ['K', D]);
  const clips = g.input('clips', 'float32', ['N', D]);
  const visual = patchFeatures(g, features, P, D);

  const count = (value: Value) => g.op('Gather', [g.op('Shape', [value]), g.ints(0)]);
  const pairs = g.op('Concat', [count(clips), count(texts), g.ints(D)], { axis: 0 });
  const perClip = g.op('Expand', [texts, pairs]);
  const adapt = (visual: Value) => {
    const many = g.op('Greater', [count(texts), g.ints(mostAbsorbed(P, D, heads))]);
    return adaptTexts(g, perClip, { visual, pairs, many, dimensions: D, heads }, config);
  };
  const adapted = visual ? adapt(visual) : perClip;

  const columns = g.reshape(clips, g.ints(-1, D, 1));
  const cosine = g.op('Squeeze', [g.op('MatMul', [normalise(g, adapted), columns]), g.ints(2)]);
  const logits = g.op('Mul', [cosine, g.op('Exp', [g.weight('logit_scale', [])])]);
  g.output('logits', logits, 'float32', ['N', 'K']);
  return g.build();
}

/** The inputs of patch features in their form, as one value in fp32. */
function patchFeatures(g: GraphBuilder, form: FeaturesForm, P: number, D: number): Value | null {
  const parts = featureLayout(form, P, D).map(({ input, type, shape }) => {
    return [input, g.cast(g.input(input, type, ['N', ...shape]), 'float32')];
  });
  const { patch_features, scales } = Object.fromEntries(parts);
  return scales ? g.op('Mul', [patch_features, scales]) : (patch_features ?? null);
}

/** Each text with what the prompt generator adds to it for each clip, [N, K, D]. */
function adaptTexts(
  g: GraphBuilder,
  texts: Value,
  clips: Omit<CrossAttention, 'query'>,
  config: ModelConfig,
): Value {
  const { pairs, dimensions } = clips;
  let rows = g.reshape(texts, g.ints(-1, dimensions));
  for (let i = 0; i < config.prompt_layers; i++) {
    rows = promptLayer(g, `prompts_generator.decoder.${i}`, rows, clips, config);
  }
  const prompt = g.op('Mul', [g.reshape(rows, pairs), g.weight('prompts_generator.alpha', [dimensions])]);
  return g.op('Add', [texts, prompt]);
}

function promptLayer(
  g: GraphBuilder,
  name: string,
  rows: Value,
  clips: Omit<CrossAttention, 'query'>,
  config: ModelConfig,
): Value {
  const D = clips.dimensions;
  const epsilon = config.text_config.layer_norm_eps;
  const query = layerNorm(g, rows, `${name}.norm1`, D, epsilon);
  const x = g.op('Add', [rows, crossAttention(g, `${name}.cross_attn`, { ...clips, query })]);
  const normed = layerNorm(g, x, `${name}.norm3`, D, epsilon);
  const inner = activate(g, linear(g, normed, `${name}.mlp.0`, D, 4 * D), config.prompt_hidden_act);
  return g.op('Add', [x, linear(g, inner, `${name}.mlp.3`, 4 * D, D)]);
}
