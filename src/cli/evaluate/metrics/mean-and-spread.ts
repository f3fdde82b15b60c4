/** The mean, and the sample standard deviation (n − 1), of two numbers or more. */
export function meanAndSpread(numbers: number[]): { mean: number; deviation: number } {
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  const squares = numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (numbers.length - 1)) };
}
