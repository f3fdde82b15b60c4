import type { Activation } from '../model-config.ts';
import type { GraphBuilder, Value } from './builder.ts';
import { observeRows } from './observe-rows.ts';

// Activations travel as rows [batch · length, hidden]; only what looks across a sequence sees [batch, length, hidden].

/** Sizes of a transformer layer. */
export interface LayerSizes {
  hidden: number;
  heads: number;
  intermediate: number;
  activation: Activation;
  epsilon: number;
}

/**
 * `x Wᵀ + b` on rows. W is kept as PyTorch keeps it, [outputs, inputs], or in int8 as [inputs, outputs] with a scale per
 * output (`….weight_scale`): then the rows are brought to uint8 with one scale, taken from their own range.
 */
export function linear(
  g: GraphBuilder,
  x: Value,
  name: string,
  inputs: number,
  outputs: number,
  { bias = true } = {},
): Value {
  if (g.observing) observeRows(g, name, x);
  const biases = bias ? [g.weight(`${name}.bias`, [outputs])] : [];
  const matrix = `${name}.weight`;
  if (g.isInt8(matrix)) {
    const scale = g.weight(`${name}.weight_scale`, [outputs]);
    const noZeroPoint = '';
    const parts = [x, g.int8Weight(matrix, [inputs, outputs]), scale, noZeroPoint, ...biases];
    return g.op('com.microsoft.DynamicQuantizeMatMul', parts);
  }
  return g.op('Gemm', [x, g.weight(matrix, [outputs, inputs]), ...biases], { transB: 1 });
}

/** Layer normalisation over the last axis. */
export function layerNorm(g: GraphBuilder, x: Value, name: string, size: number, epsilon: number): Value {
  const parts = [x, g.weight(`${name}.weight`, [size]), g.weight(`${name}.bias`, [size])];
  return g.op('LayerNormalization', parts, { epsilon: { float: epsilon } });
}

/** The activations by the reference's names (transformers, activations.py). */
export function activate(g: GraphBuilder, x: Value, activation: Activation): Value {
  switch (activation) {
    case 'quick_gelu': // x · sigmoid(1.702 x)
      return g.op('com.microsoft.QuickGelu', [x], { alpha: { float: 1.702 } });
    case 'silu':
    case 'swish': // x · sigmoid(x)
      return g.op('com.microsoft.QuickGelu', [x], { alpha: { float: 1 } });
    case 'gelu': // by the error function
      return g.op('com.microsoft.Gelu', [x]);
    case 'gelu_new':
    case 'gelu_pytorch_tanh': // by the tanh approximation, which this operator computes
      return g.op('com.microsoft.FastGelu', [x]);
    case 'relu':
      return g.op('Relu', [x]);
  }
}

/** Divides the vectors of the last axis by their length. */
export function normalise(g: GraphBuilder, x: Value): Value {
  return g.op('Div', [x, g.op('ReduceL2', [x], { axes: [-1], keepdims: 1 })]);
}

/** Rows of a batch of sequences, with the name of the shape [batch, length, hidden]. */
export interface Sequences {
  rows: Value;
  shape: Value;
}

/** Multi-head attention of `from` over `over`, with q-, k-, v- and output projection: rows as in `from`. */
export function attention(
  g: GraphBuilder,
  name: string,
  from: Sequences,
  over: Sequences,
  { hidden, heads }: LayerSizes,
  causal = false,
): Value {
  const project = (part: string, { rows, shape }: Sequences) =>
    g.reshape(linear(g, rows, `${name}.${part}_proj`, hidden, hidden), shape);
  const attributes = { num_heads: heads, unidirectional: causal ? 1 : 0 };
  const inputs = [project('q', from), project('k', over), project('v', over)];
  const heard = g.op('com.microsoft.MultiHeadAttention', inputs, attributes);
  return linear(g, g.reshape(heard, g.ints(-1, hidden)), `${name}.out_proj`, hidden, hidden);
}

/** `x + mlp(layerNorm(x))` of a transformer layer. */
export function residualMlp(g: GraphBuilder, x: Value, name: string, sizes: LayerSizes): Value {
  const { hidden, intermediate, activation, epsilon } = sizes;
  const normed = layerNorm(g, x, `${name}.layer_norm2`, hidden, epsilon);
  const inner = activate(g, linear(g, normed, `${name}.mlp.fc1`, hidden, intermediate), activation);
  return g.op('Add', [x, linear(g, inner, `${name}.mlp.fc2`, intermediate, hidden)]);
}

/** A pre-norm transformer layer with self-attention. */
export function encoderLayer(
  g: GraphBuilder,
  x: Sequences,
  name: string,
  sizes: LayerSizes,
  causal = false,
): Sequences {
  const normed = { ...x, rows: layerNorm(g, x.rows, `${name}.layer_norm1`, sizes.hidden, sizes.epsilon) };
  const heard = attention(g, `${name}.self_attn`, normed, normed, sizes, causal);
  return { ...x, rows: residualMlp(g, g.op('Add', [x.rows, heard]), name, sizes) };
}
