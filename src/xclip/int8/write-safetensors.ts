import { open } from 'node:fs/promises';

/** A tensor to write; its bytes are asked for when their turn comes, so that only one tensor is in memory. */
export interface TensorToWrite {
  name: string;
  dtype: 'F32' | 'F16' | 'BF16' | 'I8';
  shape: number[];
  bytes: () => Promise<Uint8Array>;
}

const SIZE = { F32: 4, F16: 2, BF16: 2, I8: 1 };

/** Writes a safetensors file (https://huggingface.co/docs/safetensors, "Format"), to the disk itself. */
export async function writeSafetensors(
  path: string,
  metadata: Record<string, string>,
  tensors: TensorToWrite[],
): Promise<void> {
  // The larger types first: each number lies at a multiple of its size.
  const ordered = [...tensors].sort((a, b) => SIZE[b.dtype] - SIZE[a.dtype]);
  const file = await open(path, 'w');
  try {
    await file.writeFile(headerOf(metadata, ordered));
    for (const { bytes } of ordered) await file.writeFile(await bytes());
    await file.sync();
  } finally {
    await file.close();
  }
}

function headerOf(metadata: Record<string, string>, tensors: TensorToWrite[]): Buffer {
  let end = 0;
  const header: Record<string, unknown> = { __metadata__: metadata };
  for (const { name, dtype, shape } of tensors) {
    const begin = end;
    end += shape.reduce((product, size) => product * size, SIZE[dtype]);
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const padding = Buffer.alloc(-json.length & 7, ' ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding.length));
  return Buffer.concat([length, json, padding]);
}
