import { featureBytes } from './feature-layout.ts';

/**
 * Patch features [P, D] in int8 (feature-layout.ts): each patch's largest number becomes ±127, so that no number is off
 * by more than half of its patch's scale.
 */
export function quantiseFeatures(features: Float32Array, patches: number): Uint8Array {
  const dimensions = features.length / patches;
  const bytes = new Uint8Array(featureBytes('int8', patches, dimensions));
  const scales = new Float32Array(bytes.buffer, 0, patches);
  const whole = new Int8Array(bytes.buffer, scales.byteLength);
  for (let patch = 0; patch < patches; patch++) {
    const start = patch * dimensions;
    const row = features.subarray(start, start + dimensions);
    const largest = row.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    scales[patch] = largest / 127;
    const scale = scales[patch] || 1; // A patch of zeros has none.
    for (let d = 0; d < dimensions; d++) whole[start + d] = Math.round((row[d] as number) / scale);
  }
  return bytes;
}
