/** A model that the hub cannot give, or the cache cannot take: the message says what was wrong and what to do. */
export class HubError extends Error {
  override readonly name = 'HubError';
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;

  constructor(message: string, { retryable, ...options }: ErrorOptions & { retryable: boolean }) {
    super(message, options);
    this.retryable = retryable;
  }
}
