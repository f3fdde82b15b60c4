/** A model that the hub cannot give, or the cache cannot take: the message says what was wrong and what to do. */
export class HubError extends Error {
  override readonly name: string = 'HubError';
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;

  constructor(message: string, { retryable, ...options }: ErrorOptions & { retryable: boolean }) {
    super(message, options);
    this.retryable = retryable;
  }
}

/** A failure of the connection, or of the hub for now: the next attempt may go on. */
export class Interruption extends HubError {
  override readonly name = 'Interruption';
  /** Milliseconds that the hub asked to wait. */
  readonly after: number | null;

  constructor(message: string, { after, ...options }: ErrorOptions & { after?: number | null } = {}) {
    super(message, { retryable: true, ...options });
    this.after = after ?? null;
  }
}

const UNUSABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'];

/** What an error of the file system means for the cache; other errors as they are. */
export function toHubError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `The disk of the hub's cache is full. Free some space and try again: what is there stays.`;
    return new HubError(message, { retryable: true, cause: error });
  }
  if (code && UNUSABLE.includes(code)) {
    const message = `The hub's cache cannot be written (${code}). Set HF_HUB_CACHE to a folder that can.`;
    return new HubError(message, { retryable: false, cause: error });
  }
  return error;
}
