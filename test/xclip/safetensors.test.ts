import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CheckpointError } from '#src/xclip/checkpoint-error.js';
import { readStoredTensors } from '#src/xclip/safetensors.js';
import { copyOf, editHeader, fixture } from './fixtures.js';

const TENSOR = 'mit.position_embedding';

test('finds each tensor where the format says it is', async () => {
  const tensors = await readStoredTensors(fixture('many-layers/model.safetensors'));
  const bytes = readFileSync(fixture('many-layers/model.safetensors'));
  const headerLength = Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength));
  expect(tensors.size).toBe(Object.keys(header).length - 1); // without __metadata__
  expect(tensors.get(TENSOR)).toEqual({
    dtype: 'F32',
    shape: [1, 5, 12],
    offset: 8 + headerLength + header[TENSOR].data_offsets[0],
    length: 240,
  });
});

const spoiled: [string, RegExp, (folder: string, path: string) => void][] = [
  ['missing', /cannot be read.*ENOENT/, (folder) => void folder],
  ['empty', /not a safetensors file, or it is cut off: 0 bytes/, (_, path) => writeFileSync(path, '')],
  ['cut in its header', /or it is cut off/, (_, path) => truncateSync(path, 1000)],
  [
    'cut in its tensors',
    /the file is cut off: tensor .* ends at byte/,
    (_, path) => truncateSync(path, 60_000),
  ],
  [
    'longer than its tensors',
    /the tensors end at byte/,
    (_, path) => writeFileSync(path, 'more', { flag: 'a' }),
  ],
  [
    'with a header length beyond the file',
    /header said to take 18446744073709552000/,
    (_, path) => writeFileSync(path, Buffer.alloc(99, 255)),
  ],
  [
    'an HTML page',
    /not a safetensors file/,
    (_, path) => writeFileSync(path, `<html>${' '.repeat(5000)}</html>`),
  ],
  [
    'with a header that is no object',
    /header is not a JSON object/,
    (folder) => editHeader(folder, () => 'text'),
  ],
  ['with overlapping tensors', /begins at byte \d+, expected \d+/, (folder) => editHeader(folder, shift(-4))],
  ['with a gap', /begins at byte \d+, expected \d+/, (folder) => editHeader(folder, shift(4))],
  ['with a tensor outside', /begins at byte \d+, expected \d+/, (folder) => editHeader(folder, shift(1e12))],
  [
    'with a negative size',
    /mit\.position_embedding has no valid shape/,
    (folder) => editHeader(folder, reshape([-1, -60])),
  ],
  [
    'with a fractional size',
    /mit\.position_embedding has no valid shape/,
    (folder) => editHeader(folder, reshape([0.5, 120])),
  ],
  [
    'with a size that does not fit its bytes',
    /must take 2400 bytes, found 240/,
    (folder) => editHeader(folder, reshape([600])),
  ],
  [
    'with an entry that is null',
    /has no valid shape/,
    (folder) => editHeader(folder, (h) => ({ ...h, [TENSOR]: null })),
  ],
];

type Header = Record<string, { shape: number[]; data_offsets: [number, number] }>;
function shift(by: number) {
  return (header: Header) => {
    const tensor = header[TENSOR] as Header[string];
    tensor.data_offsets = [tensor.data_offsets[0] + by, tensor.data_offsets[1] + by];
  };
}
function reshape(shape: number[]) {
  return (header: Header) => {
    (header[TENSOR] as Header[string]).shape = shape;
  };
}

test.each(spoiled)('a file %s is refused by name', async (kind, message, spoil) => {
  const folder = copyOf('mixed-types');
  const path = join(folder, kind === 'missing' ? 'none.safetensors' : 'model.safetensors');
  spoil(folder, path);
  const reading = readStoredTensors(path);
  await expect(reading).rejects.toThrow(message);
  await expect(reading).rejects.toThrow(CheckpointError);
  await expect(reading).rejects.toThrow(path);
});

test('whatever the bytes, tensors lie inside the file or the file is refused', async () => {
  const folder = copyOf('half');
  const path = join(folder, 'model.safetensors');
  const original = readFileSync(path);
  const edits = fc.array(fc.tuple(fc.nat(3000), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(edits, async (edits) => {
      const bytes = Buffer.from(original);
      for (const [position, value] of edits) bytes[position] = value;
      writeFileSync(path, bytes);
      const tensors = await readStoredTensors(path).catch((error) => error);
      if (tensors instanceof CheckpointError) return;
      for (const { offset, length } of tensors.values())
        expect(offset + length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 200 },
  );
});
