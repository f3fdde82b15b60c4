import type { GraphBuilder, Value } from './builder.ts';
import { linear } from './layers.ts';

/**
 * Up to how many texts absorbing is the faster way, whatever the number of clips, by counting multiplications of one
 * layer and clip. Absorbed, each text costs `2 D²` to bring it to the patches and its answer back, and `2 P D` a head;
 * projected, the patches cost `2 P D²` once, and each text `2 P D`. Measured on both sides of it: P = 49 and 196 at D = 512.
 */
export function mostAbsorbed(patches: number, dimensions: number, heads: number): number {
  return Math.floor((patches * dimensions) / (dimensions + patches * (heads - 1)));
}

/** Texts that attend to the patches of clips. */
export interface CrossAttention {
  /** Rows [N · K, D]: each text once for each clip. */
  query: Value;
  /** Patch features, fp32, [N, P, D]. */
  visual: Value;
  /** The shape [N, K, D]. */
  pairs: Value;
  /** Whether there are more texts than `mostAbsorbed`. */
  many: Value;
  dimensions: number;
  heads: number;
}

/** Multi-head attention of each text to the patches of each clip, the faster way: rows [N · K, D]. */
export function crossAttention(g: GraphBuilder, name: string, inputs: CrossAttention): Value {
  const { query, many, dimensions: D } = inputs;
  const q = linear(g, query, `${name}.q_proj`, D, D, { bias: false });
  const heard = g.either(
    many,
    () => projected(g, name, { ...inputs, query: q }),
    () => absorbed(g, name, { ...inputs, query: q }),
  );
  return linear(g, heard, `${name}.proj`, D, D);
}

/** With k and v projected. `query` is projected here and below. */
function projected(g: GraphBuilder, name: string, inputs: CrossAttention): Value {
  const { query, visual, pairs, dimensions: D, heads } = inputs;
  const patches = g.reshape(visual, g.ints(-1, D));
  const perClip = g.op('Shape', [visual]);
  const project = (part: string) =>
    g.reshape(linear(g, patches, `${name}.${part}_proj`, D, D, { bias: false }), perClip);
  const parts = [g.reshape(query, pairs), project('k'), project('v')];
  return g.reshape(g.op('com.microsoft.MultiHeadAttention', parts, { num_heads: heads }), g.ints(-1, D));
}

/**
 * With the projections absorbed into the query, head by head, so that no patch is projected:
 * `q · (W_k x) = (W_kᵀ q) · x` and `Σ a_i (W_v x_i) = W_v (Σ a_i x_i)`.
 */
function absorbed(g: GraphBuilder, name: string, inputs: CrossAttention): Value {
  const { query, visual, pairs, dimensions: D, heads } = inputs;
  const size = D / heads;
  const byHead = (part: string) => g.weight(`${name}.${part}_proj.weight`, [D, D], [heads, size, D]);
  const scaled = g.op('Mul', [g.reshape(query, g.ints(-1, heads, size)), g.floats([size ** -0.5])]);
  const headFirst = g.op('Transpose', [scaled], { perm: [1, 0, 2] });
  const absorbed = g.op('MatMul', [headFirst, byHead('k')]); // [heads, N · K, D]

  const clips = g.op('Gather', [pairs, g.ints(0)]);
  const perClip = g.op('Concat', [clips, g.ints(-1, D)], { axis: 0 }); // [N, K · heads, D]
  const queries = g.reshape(g.op('Transpose', [absorbed], { perm: [1, 0, 2] }), perClip);
  const similarity = g.op('MatMul', [queries, g.op('Transpose', [visual], { perm: [0, 2, 1] })]);
  const looked = g.op('MatMul', [g.op('Softmax', [similarity], { axis: -1 }), visual]);

  const looksByHead = g.op('Transpose', [g.reshape(looked, g.ints(-1, heads, D))], { perm: [1, 0, 2] });
  const values = g.op('MatMul', [looksByHead, g.op('Transpose', [byHead('v')], { perm: [0, 2, 1] })]);
  return g.reshape(g.op('Transpose', [values], { perm: [1, 0, 2] }), g.ints(-1, D));
}
