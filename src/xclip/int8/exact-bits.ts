import { Tensor } from 'onnxruntime-node-gpu';
import { graphBuilder } from '../graph/builder.ts';
import { createSession } from '../session.ts';
import type { Bits } from './quantisation.ts';

/**
 * How many bits weights may have so that products with uint8 rows are summed exactly. x86 processors without VNNI add
 * two products in 16 bits, which 255 · 127 twice does not fit into: there 7 bits are exact, and 8 would be wrong.
 */
export async function exactBits(): Promise<Bits> {
  const g = graphBuilder('probe', { path: '', tensors: new Map() });
  const product = g.op('MatMulInteger', [
    g.input('rows', 'uint8', ['M', 'K']),
    g.input('weights', 'int8', ['K', 'N']),
  ]);
  g.output('product', g.cast(product, 'float32'), 'float32', ['M', 'N']);
  const session = await createSession({ model: g.build(), weightsPath: '/' });
  const [M, K, N] = [16, 64, 32];
  const outputs = await session.run({
    rows: new Tensor('uint8', new Uint8Array(M * K).fill(255), [M, K]),
    weights: new Tensor('int8', new Int8Array(K * N).fill(127), [K, N]),
  });
  await session.release();
  const sums = outputs.product?.data as Float32Array;
  return sums.every((sum) => sum === K * 255 * 127) ? 8 : 7;
}
