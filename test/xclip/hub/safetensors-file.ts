import { randomBytes } from 'node:crypto';

/** A safetensors file of one tensor of so many random bytes. */
export function safetensorsFile(size: number): Buffer {
  const header = Buffer.from(JSON.stringify({ x: { dtype: 'U8', shape: [size], data_offsets: [0, size] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, randomBytes(size)]);
}
