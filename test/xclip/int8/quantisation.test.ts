import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Bits,
  expectedError,
  type Matrix,
  quantiseMatrix,
  scalesOf,
  smoothing,
} from '#src/xclip/int8/quantisation.js';

// Not so small that a step would be no normal number.
const float = fc.float({ min: -100, max: 100, noNaN: true }).map((x) => (Math.abs(x) < 1e-30 ? 0 : x));
const size = fc.integer({ min: 1, max: 8 });
const matrices = fc
  .tuple(size, size)
  .chain(([outputs, inputs]) =>
    fc
      .array(float, { minLength: outputs * inputs, maxLength: outputs * inputs })
      .map((data): Matrix => ({ data: Float32Array.from(data), outputs, inputs })),
  );
const bits = fc.constantFrom<Bits>(7, 8);

test('a weight in int8 is off by half a step at most, and its output’s largest is exact', () => {
  fc.assert(
    fc.property(matrices, bits, (matrix, bits) => {
      const { data, outputs, inputs } = matrix;
      const scales = scalesOf(matrix, bits);
      const values = quantiseMatrix(matrix, bits);
      for (let i = 0; i < outputs; i++) {
        const row = data.subarray(i * inputs, (i + 1) * inputs);
        const scale = scales[i] as number;
        const largest = Math.max(...row.map(Math.abs));
        for (const [j, weight] of row.entries()) {
          const error = Math.abs((values[j * outputs + i] as number) * scale - weight);
          expect(error).toBeLessThanOrEqual((Math.abs(weight) === largest ? 1e-5 : 0.5001) * scale);
        }
      }
      expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(bits === 8 ? 127 : 63);
    }),
  );
});

test('columns of rows and weights are equally large once balanced', () => {
  const observation = {
    count: 1,
    smallest: Float32Array.of(-1, -50, 0, -2),
    largest: Float32Array.of(4, 2, 0, 3),
    meanSquare: Float32Array.of(1, 100, 0, 1),
  };
  const matrix = { data: Float32Array.of(1, 2, 3, 0, -9, 0.5, 1, 0), outputs: 2, inputs: 4 };
  const factors = smoothing([observation], [matrix]);
  expect(4 / (factors[0] as number)).toBeCloseTo(9 * (factors[0] as number), 5);
  expect(50 / (factors[1] as number)).toBeCloseTo(2 * (factors[1] as number), 5);
  expect([...factors.slice(2)]).toEqual([1, 1]); // Nothing to balance where one side is zero.
});

test('the expected error is the one found with random rows and weights', () => {
  const [rows, inputs, outputs] = [400, 64, 32];
  let state = 1;
  const random = () => {
    state = (state * 48271) % 2147483647; // Lehmer's generator
    return state / 2147483647 - 0.5;
  };
  const matrix = { data: Float32Array.from({ length: outputs * inputs }, random), outputs, inputs };
  const columns = Array.from({ length: inputs }, (_, j) => 1 + 20 * Number(j === 7)); // One large column.
  const x = Array.from({ length: rows }, () => columns.map((large) => large * random()));
  const column = (j: number) => x.map((row) => row[j] as number);
  const observation = {
    count: 1,
    smallest: Float32Array.from(columns, (_, j) => Math.min(...column(j))),
    largest: Float32Array.from(columns, (_, j) => Math.max(...column(j))),
    meanSquare: Float32Array.from(columns, (_, j) => column(j).reduce((sum, v) => sum + v * v, 0) / rows),
  };
  const plain = new Float32Array(inputs).fill(1);
  const balanced = smoothing([observation], [matrix]);
  for (const factors of [plain, balanced]) {
    expect(found(x, matrix, factors) / expectedError(observation, matrix, factors, 8)).toBeCloseTo(1, 0);
  }
  expect(found(x, matrix, balanced)).toBeLessThan(found(x, matrix, plain) / 3);
});

/** The relative error of `x Wᵀ` with rows in uint8 with one scale and weights in int8, by brute force. */
function found(x: number[][], { data, outputs, inputs }: Matrix, factors: Float32Array): number {
  const rows = x.map((row) => row.map((value, j) => value / (factors[j] as number)));
  const weights = data.map((w, i) => w * (factors[i % inputs] as number));
  const matrix = { data: weights, outputs, inputs };
  const int8 = quantiseMatrix(matrix, 8);
  const scales = scalesOf(matrix, 8);
  const [low, high] = [Math.min(...rows.flat()), Math.max(...rows.flat())];
  const step = (high - low) / 255;
  let error = 0;
  let power = 0;
  for (const row of rows) {
    for (let i = 0; i < outputs; i++) {
      let exact = 0;
      let approximate = 0;
      for (const [j, value] of row.entries()) {
        exact += value * (weights[i * inputs + j] as number);
        approximate +=
          Math.round(value / step) * step * (int8[j * outputs + i] as number) * (scales[i] as number);
      }
      error += (exact - approximate) ** 2;
      power += exact ** 2;
    }
  }
  return Math.sqrt(error / power);
}
