import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The checkpoints made by fixtures/make_fixtures.py. */
export const CASES = ['many-layers', 'half', 'one-patch', 'short-text', 'defaults', 'mixed-types'];

export function fixture(path: string): string {
  return fileURLToPath(new URL(`./fixtures/${path}`, import.meta.url));
}

export function fixtureJson(path: string) {
  return JSON.parse(readFileSync(fixture(path), 'utf8'));
}

export interface Expected {
  shape: number[];
  data: Float32Array | Uint8Array | BigInt64Array;
}

/** The reference's inputs and outputs for a case. */
export function expected(name: string): Record<string, Expected> {
  const bytes = readFileSync(fixture(`${name}/expected.safetensors`));
  const start = 8 + Number(bytes.readBigUInt64LE());
  const header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }> =
    JSON.parse(bytes.toString('utf8', 8, start));
  return Object.fromEntries(
    Object.entries(header).map(
      ([
        key,
        {
          dtype,
          shape,
          data_offsets: [begin, end],
        },
      ]) => {
        const { buffer } = Uint8Array.from(bytes.subarray(start + begin, start + end));
        const type = { F32: Float32Array, U8: Uint8Array, I64: BigInt64Array }[dtype];
        if (!type) throw new Error(`${key}: ${dtype}`);
        return [key, { shape, data: new type(buffer) }];
      },
    ),
  );
}

/** Largest difference of two tensors over the largest number of the expected one. */
export function relativeError(actual: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (actual.length !== wanted.length) throw new Error(`${actual.length} numbers, expected ${wanted.length}`);
  let difference = 0;
  let size = 0;
  for (let i = 0; i < wanted.length; i++) {
    const gap = Math.abs((actual[i] as number) - (wanted[i] as number));
    difference = gap > difference || Number.isNaN(gap) ? gap : difference;
    size = Math.max(size, Math.abs(wanted[i] as number));
  }
  return difference / size;
}
