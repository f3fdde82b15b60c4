import type { StoredTensors } from '../safetensors.ts';

/**
 * Linear layers that read the same rows. What comes before them can be divided, and their columns be multiplied, by one
 * factor per column: in exact arithmetic nothing changes (SmoothQuant, arXiv 2211.10438, section 4).
 */
export interface LayerGroup {
  /** Names of linear layers, without `.weight`. */
  layers: string[];
  /** Tensors to divide along their first axis; none where a nonlinearity comes before. */
  divided: string[];
}

/** The linear layers of the encoders, nearly all of the arithmetic; the small rest is not worth an approximation. */
export function layerGroups(tensors: StoredTensors): LayerGroup[] {
  const encoderLayer = /^(vision|text)_model\.encoder\.layers\.\d+(?=\.layer_norm1\.weight$)/;
  const names = [...tensors.keys()].flatMap((name) => encoderLayer.exec(name)?.[0] ?? []);
  return names.flatMap((name) => [
    ...attention(`${name}.self_attn`, `${name}.layer_norm1`),
    { layers: [`${name}.mlp.fc1`], divided: both(`${name}.layer_norm2`) },
    { layers: [`${name}.mlp.fc2`], divided: [] },
    ...(name.startsWith('vision') ? messages(name) : []),
  ]);
}

function messages(name: string): LayerGroup[] {
  return [
    { layers: [`${name}.message_fc`], divided: [] },
    ...attention(`${name}.message_attn`, `${name}.message_ln`),
  ];
}

// Attention mixes its values row by row: what divides a column of the values divides that of the result.
function attention(name: string, norm: string): LayerGroup[] {
  return [
    { layers: ['q', 'k', 'v'].map((part) => `${name}.${part}_proj`), divided: both(norm) },
    { layers: [`${name}.out_proj`], divided: both(`${name}.v_proj`) },
  ];
}

const both = (name: string) => [`${name}.weight`, `${name}.bias`];
