import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { numPyClip } from '#src/cli/model/numpy-clip.js';

const model = { frames: 8, framing: { resize: 64, crop: 64 } };

const folder = mkdtempSync(join(tmpdir(), 'clipql-numpy-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file as NumPy's format 1.0 or 2.0 says: padded to 64 bytes. */
function numPyFile(version: 1 | 2, description: string, data: Buffer): string {
  const start = version === 1 ? 10 : 12;
  const header = `${description}${' '.repeat(63 - ((start + description.length) % 64))}\n`;
  const lead = Buffer.alloc(start);
  lead.write('\x93NUMPY', 'latin1');
  lead[6] = version;
  if (version === 1) lead.writeUInt16LE(header.length, 8);
  else lead.writeUInt32LE(header.length, 8);
  const path = join(folder, `v${version}.npy`);
  writeFileSync(path, Buffer.concat([lead, Buffer.from(header), data]));
  return path;
}

test.each([1, 2] as const)(
  'frames in a NumPy file, version %i, reach the model as they are',
  async (version) => {
    const data = randomBytes(8 * 64 * 64 * 3);
    const file = numPyFile(
      version,
      `{'descr': '|u1', 'fortran_order': False, 'shape': (8, 64, 64, 3), }`,
      data,
    );
    const clip = await numPyClip(file, model);
    expect(data.equals(clip)).toBe(true);
  },
);

test.each([
  "{'descr': '<f4', 'fortran_order': False, 'shape': (8, 64, 64, 3), }",
  "{'descr': '|u1', 'fortran_order': False, 'shape': (64, 64, 3), }",
  "{'descr': '|u1', 'fortran_order': False, 'shape': (7, 64, 64, 3), }",
  "{'descr': '|u1', 'fortran_order': False, 'shape': (8, 64, 65, 3), }",
  "{'descr': '|u1', 'fortran_order': True, 'shape': (8, 64, 64, 3), }",
])('a NumPy file of %s is refused', async (description) => {
  await expect(numPyClip(numPyFile(1, description, Buffer.alloc(8 * 64 * 64 * 3)), model)).rejects.toThrow(
    'does not hold uint8 frames [8, height, width, 3]',
  );
});
