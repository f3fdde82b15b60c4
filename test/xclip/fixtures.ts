import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { EngineOptions } from '#src/xclip/xclip.js';

/** The checkpoints made by fixtures/make_fixtures.py. */
export const CASES = [
  'many-layers',
  'half',
  'one-patch',
  'short-text',
  'defaults',
  'mixed-types',
  'many-patches',
];

/** An engine as it is when nothing is set. */
export const DEFAULTS: EngineOptions = { precision: 'fp32', provider: 'cpu', features: 'fp16' };

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

/** A copy of a fixture's checkpoint that a test may spoil; removed when the test ends. */
export function copyOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'clipql-xclip-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // File by file: what is a symlink in the fixture must be a file of its own in the copy.
  for (const file of readdirSync(fixture(name))) copyFileSync(join(fixture(name), file), join(folder, file));
  return folder;
}

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

/** Rewrites the header of a copy's weights; the tensors' bytes stay. */
export function editHeader(folder: string, edit: (header: Header) => unknown): void {
  const path = join(folder, 'model.safetensors');
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const header: Header = JSON.parse(bytes.toString('utf8', 8, start));
  const edited = Buffer.from(JSON.stringify(edit(header) ?? header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(edited.length));
  writeFileSync(path, Buffer.concat([length, edited, bytes.subarray(start)]));
}

/** Empties a JSON file of a copy but for the keys to keep. */
export function keepOnly(folder: string, file: string, ...keys: string[]): void {
  const value = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  writeFileSync(join(folder, file), JSON.stringify(Object.fromEntries(keys.map((key) => [key, value[key]]))));
}

/** Rewrites a JSON file of a copy. */
export function editJson(folder: string, file: string, edit: (value: Record<string, unknown>) => void): void {
  const path = join(folder, file);
  const value = JSON.parse(readFileSync(path, 'utf8'));
  edit(value);
  writeFileSync(path, JSON.stringify(value));
}

/**
 * The case `many-layers` made for clips of so many frames that one takes long: attention across frames grows with their
 * square. Only the positions of the frames are stored by number of frames, so only that tensor is replaced.
 */
export function slowCheckpoint(frames: number): string {
  const folder = copyOf('many-layers');
  editJson(folder, 'config.json', (config) =>
    Object.assign(config.vision_config as object, { num_frames: frames }),
  );
  const path = join(folder, 'model.safetensors');
  const size = frames * 12 * 4;
  writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
  editHeader(folder, (header) => {
    const { 'mit.position_embedding': replaced, ...others } = header;
    const end = Math.max(...Object.values(header).map(({ data_offsets }) => data_offsets?.[1] ?? 0));
    const positions = { dtype: 'F32', shape: [1, frames, 12], data_offsets: [end, end + size] };
    return { ...others, replaced, 'mit.position_embedding': positions };
  });
  return folder;
}
