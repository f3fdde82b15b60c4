import { closeSync, openSync, readSync } from 'node:fs';
import { Tensor } from 'onnxruntime-node-gpu';
import { type FeaturePart, featureBytes, featureLayout, partBytes } from './feature-layout.ts';
import type { FeaturesForm, PatchFeatures } from './xclip.ts';

/** The memory of each input, kept from run to run: new memory costs more time than reading files into it. */
const memory = new Map<string, Uint8Array>();

/**
 * The score graph's inputs for clips whose patch features [P, D] are in one form. Blocks while it reads files. The
 * tensors hold until the next call.
 * @throws RangeError for features of another length, and what reading a file throws.
 */
export function loadFeatures(
  clips: PatchFeatures[],
  form: FeaturesForm,
  patches: number,
  dimensions: number,
): Record<string, Tensor> {
  const layout = featureLayout(form, patches, dimensions);
  const bytes = featureBytes(form, patches, dimensions);
  const places = layout.map((part) => remembered(part.input, clips.length * partBytes(part)));
  for (const [i, clip] of clips.entries()) {
    const parts = layout.map((part, p) => {
      const length = partBytes(part);
      return (places[p] as Uint8Array).subarray(i * length, (i + 1) * length);
    });
    if ('bytes' in clip) copy(parts, clip.bytes, bytes);
    else if (parts.length > 0) read(parts, clip.path, clip.offset);
  }
  return Object.fromEntries(layout.map((part, p) => [part.input, tensor(part, places[p] as Uint8Array)]));
}

function remembered(input: string, bytes: number): Uint8Array {
  const known = memory.get(input);
  if (known && known.length >= bytes) return known.subarray(0, bytes);
  const made = new Uint8Array(bytes);
  memory.set(input, made);
  return made;
}

function copy(parts: Uint8Array[], features: Uint8Array, expected: number): void {
  if (features.length !== expected) {
    throw new RangeError(`Patch features: ${features.length} bytes, not ${expected}.`);
  }
  let from = 0;
  for (const part of parts) {
    part.set(features.subarray(from, from + part.length));
    from += part.length;
  }
}

function read(parts: Uint8Array[], path: string, offset: number): void {
  const file = openSync(path, 'r');
  try {
    let from = offset;
    for (const part of parts) {
      for (let done = 0; done < part.length; ) {
        const count = readSync(file, part, done, part.length - done, from + done);
        if (count === 0)
          throw new RangeError(`Patch features: ${done} bytes at ${from}, not ${part.length}.`);
        done += count;
      }
      from += part.length;
    }
  } finally {
    closeSync(file);
  }
}

const NUMBERS = { float32: Float32Array, float16: Uint16Array, int8: Int8Array } as const;

function tensor({ type, shape }: FeaturePart, bytes: Uint8Array): Tensor {
  const Numbers = NUMBERS[type];
  const numbers = new Numbers(bytes.buffer as ArrayBuffer, 0, bytes.length / Numbers.BYTES_PER_ELEMENT);
  return new Tensor(type, numbers, [numbers.length / (shape[0] * shape[1]), ...shape]);
}
