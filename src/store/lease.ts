/** Thrown by a write whose ingestion was cancelled or taken by another worker: stop, and write nothing more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor() {
    super('The ingestion was cancelled or is now run by another worker.');
  }
}
