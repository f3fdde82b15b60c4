/** A linear layer's weights, [outputs, inputs]. */
export interface Matrix {
  data: Float32Array;
  outputs: number;
  inputs: number;
}

/** What was seen of each column of a layer's input rows. */
export interface Observation {
  /** Means are over so many runs. */
  count: number;
  smallest: Float32Array;
  largest: Float32Array;
  meanSquare: Float32Array;
}

/** Largest number of a weight: symmetric, so that no zero point is needed. */
const LEVELS = { 8: 127, 7: 63 };
export type Bits = keyof typeof LEVELS;

/**
 * A factor per column for layers that read the same rows: rows divided and columns of weights multiplied by it are equal
 * in size, `√(max |x| / max |w|)` (SmoothQuant, arXiv 2211.10438, equation 4, α = ½). 1 for a column that is zero.
 */
export function smoothing(seen: Observation[], matrices: Matrix[]): Float32Array {
  const columns = matrices[0]?.inputs ?? 0;
  const rows = new Float32Array(columns);
  for (const { smallest, largest } of seen) {
    for (let i = 0; i < columns; i++) {
      rows[i] = Math.max(rows[i] as number, Math.abs(smallest[i] as number), Math.abs(largest[i] as number));
    }
  }
  const weights = new Float32Array(columns);
  for (const { data } of matrices) {
    for (let i = 0; i < data.length; i++) {
      weights[i % columns] = Math.max(weights[i % columns] as number, Math.abs(data[i] as number));
    }
  }
  return rows
    .map((row, i) => Math.sqrt(row / (weights[i] as number)) || 1)
    .map((f) => (Number.isFinite(f) ? f : 1));
}

/** The scale of each output: its largest weight is the largest number. */
export function scalesOf({ data, outputs, inputs }: Matrix, bits: Bits): Float32Array {
  const scales = new Float32Array(outputs);
  for (let i = 0; i < data.length; i++) {
    const output = Math.floor(i / inputs);
    scales[output] = Math.max(scales[output] as number, Math.abs(data[i] as number));
  }
  return scales.map((largest) => largest / LEVELS[bits] || 1);
}

/** A matrix in int8, transposed to [inputs, outputs]: as the runtime's operator takes it. */
export function quantiseMatrix(matrix: Matrix, bits: Bits): Int8Array {
  const { data, outputs, inputs } = matrix;
  const scales = scalesOf(matrix, bits);
  const values = new Int8Array(data.length);
  for (let i = 0; i < outputs; i++) {
    for (let j = 0; j < inputs; j++) {
      values[j * outputs + i] = Math.round((data[i * inputs + j] as number) / (scales[i] as number));
    }
  }
  return values;
}

/**
 * The error to expect of a layer in int8, relative to its output, with these factors. Each number is off by a uniform
 * noise of step² / 12; the rows' step is a 255th of their whole range, a weight's the scale of its output.
 */
export function expectedError(seen: Observation, matrix: Matrix, factors: Float32Array, bits: Bits): number {
  const factor = (i: number) => factors[i] as number;
  const range =
    seen.largest.reduce((a, x, i) => Math.max(a, x / factor(i)), 0) -
    seen.smallest.reduce((a, x, i) => Math.min(a, x / factor(i)), 0);
  const rowNoise = (range / 255) ** 2 / 12;
  const rows = seen.meanSquare.map((x, i) => x / factor(i) ** 2);
  const balanced = { ...matrix, data: matrix.data.map((w, i) => w * factor(i % matrix.inputs)) };
  const weightNoise = scalesOf(balanced, bits).reduce((sum, scale) => sum + scale ** 2 / 12, 0);
  let noise = weightNoise * rows.reduce((a, b) => a + b, 0);
  let power = 0;
  for (const [i, w] of balanced.data.entries()) {
    noise += w * w * rowNoise;
    power += w * w * (rows[i % matrix.inputs] as number);
  }
  return power > 0 ? Math.sqrt(noise / power) : 0;
}
