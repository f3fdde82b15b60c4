import type { GraphBuilder, Value } from './builder.ts';

/** Smallest, largest and mean squared number of each column: an output [3, inputs] by the layer's name. */
export function observeRows(g: GraphBuilder, name: string, x: Value): void {
  const down = { axes: [0], keepdims: 1 };
  const meanSquare = g.op('ReduceMean', [g.op('Mul', [x, x])], down);
  const parts = [g.op('ReduceMin', [x], down), g.op('ReduceMax', [x], down), meanSquare];
  g.observe(name, g.op('Concat', parts, { axis: 0 }));
}
