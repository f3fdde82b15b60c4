import type { FileHandle } from 'node:fs/promises';
import type { StoredTensor, StoredTensors } from '../safetensors.ts';
import { type Bits, type Matrix, quantiseMatrix, scalesOf } from './quantisation.ts';
import { readBytes, readFloats } from './read-floats.ts';
import type { TensorToWrite } from './write-safetensors.ts';

/** The factors that balance columns: exact in fp32, whatever becomes int8. */
export interface Plan {
  /** By layer: its columns are multiplied. */
  multiplied: Map<string, Float32Array>;
  /** By tensor: divided along the first axis. */
  divided: Map<string, Float32Array>;
}

/**
 * The tensors of a checkpoint with the planned layers balanced and in int8, but for those that stay in `fp32`. All else
 * is as it was; what no graph can read (integers that the reference keeps) is left out.
 */
export function int8Tensors(
  file: FileHandle,
  tensors: StoredTensors,
  plan: Plan,
  fp32: Set<string>,
  bits: Bits,
): TensorToWrite[] {
  return [...tensors].flatMap(([name, tensor]): TensorToWrite[] => {
    const { dtype, shape } = tensor;
    if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') return [];
    const layer = name.replace(/\.weight$/, '');
    if (plan.multiplied.has(layer)) {
      const matrix = () => balancedMatrix(file, tensors, layer, plan);
      if (fp32.has(layer)) return [floats(name, shape, async () => (await matrix()).data)];
      const [outputs = 0, inputs = 0] = shape;
      const int8 = async () => new Uint8Array(quantiseMatrix(await matrix(), bits).buffer);
      return [
        { name, dtype: 'I8', shape: [inputs, outputs], bytes: int8 },
        floats(`${name}_scale`, [outputs], async () => scalesOf(await matrix(), bits)),
      ];
    }
    const factors = plan.divided.get(name);
    if (!factors) return [{ name, dtype, shape, bytes: () => readBytes(file, tensor) }];
    return [
      floats(name, shape, async () =>
        (await readFloats(file, tensor)).map((value, i) => value / (factors[i] as number)),
      ),
    ];
  });
}

function floats(name: string, shape: number[], values: () => Promise<Float32Array>): TensorToWrite {
  return { name, dtype: 'F32', shape, bytes: async () => new Uint8Array((await values()).buffer) };
}

/** A layer's weights as the checkpoint has them. */
export async function readMatrix(file: FileHandle, tensors: StoredTensors, layer: string): Promise<Matrix> {
  const tensor = tensors.get(`${layer}.weight`) as StoredTensor;
  const [outputs = 0, inputs = 0] = tensor.shape;
  return { data: await readFloats(file, tensor), outputs, inputs };
}

async function balancedMatrix(
  file: FileHandle,
  tensors: StoredTensors,
  layer: string,
  { multiplied, divided }: Plan,
): Promise<Matrix> {
  const matrix = await readMatrix(file, tensors, layer);
  const { data, inputs } = matrix;
  const columns = multiplied.get(layer) as Float32Array;
  const rows = divided.get(`${layer}.weight`);
  for (let i = 0; i < data.length; i++) {
    const row = rows?.[Math.floor(i / inputs)] ?? 1;
    data[i] = ((data[i] as number) * (columns[i % inputs] as number)) / row;
  }
  return matrix;
}
