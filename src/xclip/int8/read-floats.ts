import type { FileHandle } from 'node:fs/promises';
import type { StoredTensor } from '../safetensors.ts';

/** A tensor's bytes as they are stored. */
export async function readBytes(file: FileHandle, { offset, length }: StoredTensor): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) throw new Error('The weights have become shorter while they were read.');
    done += bytesRead;
  }
  return bytes;
}

/** A tensor stored as F32, F16 or BF16, as fp32 numbers. */
export async function readFloats(file: FileHandle, tensor: StoredTensor): Promise<Float32Array> {
  const { buffer } = await readBytes(file, tensor);
  if (tensor.dtype === 'F32') return new Float32Array(buffer);
  const half = new Uint16Array(buffer);
  // A bfloat16 is the upper half of an fp32.
  if (tensor.dtype === 'BF16') return new Float32Array(Uint32Array.from(half, (bits) => bits << 16).buffer);
  return Float32Array.from(half, fromHalf);
}

/** The number of an fp16's bits (IEEE 754-2008, binary16); a weight is finite. */
function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -size : size;
}
