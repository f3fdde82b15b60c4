import { open } from 'node:fs/promises';
import { CheckpointError } from './checkpoint-error.ts';

/** Where a tensor's little-endian, row-major bytes lie in the file. */
export interface StoredTensor {
  dtype: string;
  shape: number[];
  /** Bytes from the start of the file. */
  offset: number;
  /** Bytes. */
  length: number;
}

export type StoredTensors = ReadonlyMap<string, StoredTensor>;

// The limit of the format's own implementation is 100 MB; the header of a large X-CLIP takes 0.1 MB.
const MAX_HEADER = 25_000_000;
const BYTES: Record<string, number> = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};
const AGAIN = 'Fetch the file again.';

/**
 * Reads the header of a safetensors file: an unsigned 64-bit length, that many bytes of JSON, then the tensors without
 * gaps (https://huggingface.co/docs/safetensors, "Format"). The tensors themselves are not read.
 * @throws CheckpointError when the file is missing, cut off, or its header does not describe its bytes.
 */
export async function readStoredTensors(path: string): Promise<StoredTensors> {
  const { entries, start, size } = await readHeader(path);
  return layOut(path, entries, start, size);
}

/**
 * Reads what a safetensors file says about itself.
 * @throws CheckpointError when the file is missing, cut off, or its header is none.
 */
export async function readMetadata(path: string): Promise<Record<string, unknown>> {
  const { entries } = await readHeader(path);
  return Object(entries.find(([name]) => name === '__metadata__')?.[1]);
}

async function readHeader(
  path: string,
): Promise<{ entries: [string, unknown][]; start: number; size: number }> {
  const file = await open(path).catch((cause: Error) => {
    throw new CheckpointError(path, `the weights cannot be read (${cause.message}).`, { cause });
  });
  try {
    const { size } = await file.stat();
    const prefix = Buffer.alloc(8);
    await file.read(prefix, 0, 8, 0);
    const headerLength = Number(prefix.readBigUInt64LE());
    if (size < 10 || headerLength < 2 || headerLength > Math.min(MAX_HEADER, size - 8)) {
      throw new CheckpointError(
        path,
        `this is not a safetensors file, or it is cut off: ${size} bytes with a header said to take ${headerLength}. ${AGAIN}`,
      );
    }
    const header = Buffer.alloc(headerLength);
    await file.read(header, 0, headerLength, 8);
    return { entries: parseHeader(path, header), start: 8 + headerLength, size };
  } finally {
    await file.close();
  }
}

function parseHeader(path: string, bytes: Buffer): [string, unknown][] {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof header === 'object' && header !== null) return Object.entries(header);
  } catch {
    // Told below, like any other header that is no JSON object.
  }
  throw new CheckpointError(path, `the header is not a JSON object. ${AGAIN}`);
}

function layOut(path: string, entries: [string, unknown][], start: number, size: number): StoredTensors {
  const tensors = entries
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]): [string, StoredTensor] => [name, storedTensor(path, name, entry, start)])
    .sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length);
  let end = start;
  for (const [name, tensor] of tensors) {
    if (tensor.offset !== end) {
      throw new CheckpointError(
        path,
        `tensor ${name} begins at byte ${tensor.offset}, expected ${end}. ${AGAIN}`,
      );
    }
    end += tensor.length;
    if (end > size) {
      throw new CheckpointError(
        path,
        `the file is cut off: tensor ${name} ends at byte ${end}, the file at ${size}. ${AGAIN}`,
      );
    }
  }
  if (end !== size)
    throw new CheckpointError(path, `the tensors end at byte ${end}, the file at ${size}. ${AGAIN}`);
  return new Map(tensors);
}

function storedTensor(path: string, name: string, entry: unknown, start: number): StoredTensor {
  const { dtype, shape, data_offsets: range } = (entry ?? {}) as Record<string, unknown>;
  const bytes = BYTES[String(dtype)];
  if (!isSizes(shape) || !isSizes(range) || range.length !== 2) {
    throw new CheckpointError(
      path,
      `the header's entry of tensor ${name} has no valid shape and data_offsets. ${AGAIN}`,
    );
  }
  const [begin, end] = range as [number, number];
  const expected = shape.reduce((product, size) => product * size, bytes ?? 0);
  if (bytes !== undefined && end - begin !== expected) {
    throw new CheckpointError(
      path,
      `tensor ${name} (${dtype} [${shape}]) must take ${expected} bytes, found ${end - begin}. ${AGAIN}`,
    );
  }
  return { dtype: String(dtype), shape, offset: start + begin, length: Math.max(0, end - begin) };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
