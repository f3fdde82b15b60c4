import type { FileHandle } from 'node:fs/promises';
import type { StoredTensors } from '../safetensors.ts';
import { type Plan, readMatrix } from './int8-tensors.ts';
import { layerGroups } from './layer-groups.ts';
import { type Bits, expectedError, type Observation, smoothing } from './quantisation.ts';

/** The factors for all layers of the encoders, and the layers by their expected error in int8, largest first. */
export async function planLayers(
  file: FileHandle,
  tensors: StoredTensors,
  observations: Map<string, Observation>,
  bits: Bits,
): Promise<{ plan: Plan; ranking: string[] }> {
  const plan: Plan = { multiplied: new Map(), divided: new Map() };
  const errors = new Map<string, number>();
  for (const { layers, divided } of layerGroups(tensors)) {
    const matrices = await Promise.all(layers.map((layer) => readMatrix(file, tensors, layer)));
    const seen = layers.map((layer) => observations.get(layer) as Observation);
    const factors =
      divided.length > 0 ? smoothing(seen, matrices) : new Float32Array(matrices[0]?.inputs ?? 0).fill(1);
    for (const tensor of divided) plan.divided.set(tensor, factors);
    for (const [i, layer] of layers.entries()) {
      plan.multiplied.set(layer, factors);
      errors.set(
        layer,
        expectedError(seen[i] as Observation, matrices[i] as (typeof matrices)[0], factors, bits),
      );
    }
  }
  return { plan, ranking: [...errors].sort(([, a], [, b]) => b - a).map(([layer]) => layer) };
}
