import type { ModelConfig } from '../model-config.ts';
import { type GraphMode, graphBuilder } from './builder.ts';
import { encoderLayer, type LayerSizes, layerNorm, linear } from './layers.ts';
import type { Weights } from './weights.ts';

/**
 * The text graph: `ids` int64 [K, L], K texts of the same L tokens that end with their end-of-text token →
 * `embeddings` [K, D], not normalised. The attention is causal, so a text at its own length gives what the padded one would.
 * @throws CheckpointError when a weight is missing or of another shape.
 */
export function textGraph(config: ModelConfig, weights: Weights, mode?: GraphMode): Uint8Array {
  const { text_config: text, projection_dim: dimensions } = config;
  const hidden = text.hidden_size;
  const sizes: LayerSizes = {
    hidden,
    heads: text.num_attention_heads,
    intermediate: text.intermediate_size,
    activation: text.hidden_act,
    epsilon: text.layer_norm_eps,
  };
  const g = graphBuilder('text', weights, mode);
  const ids = g.input('ids', 'int64', ['K', 'L']);

  const idsShape = g.op('Shape', [ids]);
  const length = g.op('Gather', [idsShape, g.ints(1)]);
  const shape = g.op('Concat', [idsShape, g.ints(hidden)], { axis: 0 });
  // The table stays in the file's type: only the rows of the tokens at hand become fp32.
  const table = g.storedWeight('text_model.embeddings.token_embedding.weight', [text.vocab_size, hidden]);
  const tokens = g.cast(g.op('Gather', [table, ids]), 'float32');
  const positions = g.weight('text_model.embeddings.position_embedding.weight', [
    text.max_position_embeddings,
    hidden,
  ]);
  const embedded = g.op('Add', [tokens, g.op('Slice', [positions, g.ints(0), length, g.ints(0)])]);

  let x = { rows: g.reshape(embedded, g.ints(-1, hidden)), shape };
  for (let i = 0; i < text.num_hidden_layers; i++) {
    x = encoderLayer(g, x, `text_model.encoder.layers.${i}`, sizes, true);
  }
  const sequences = g.reshape(x.rows, shape);
  const end = g.reshape(g.op('Slice', [sequences, g.ints(-1), length, g.ints(1)]), g.ints(-1, hidden));
  const pooled = layerNorm(g, end, 'text_model.final_layer_norm', hidden, sizes.epsilon);
  g.output(
    'embeddings',
    linear(g, pooled, 'text_projection', hidden, dimensions, { bias: false }),
    'float32',
    ['K', dimensions],
  );
  return g.build();
}
