/** A checkpoint that cannot be used: the message names the file (and tensor), what is wrong with it and what to do. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options);
  }
}
