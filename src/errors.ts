/** What an error code means to a client: its HTTP status where a plain HTTP route answers with it, and whether trying again may help. */
interface ErrorKind {
  status: number;
  retryable: boolean;
  /** It may pass by itself: an ingestion that fails with it is tried again unasked. */
  passing?: true;
}

/** The one table of coded errors. A code goes to clients as `extensions.code` and in `IngestionError.code`. */
export const ERRORS = {
  BAD_USER_INPUT: { status: 400, retryable: false },
  GRAPHQL_PARSE_FAILED: { status: 400, retryable: false },
  GRAPHQL_VALIDATION_FAILED: { status: 400, retryable: false },
  BAD_CURSOR: { status: 400, retryable: false },
  TOO_COSTLY: { status: 400, retryable: false },
  PAYLOAD_TOO_LARGE: { status: 413, retryable: false },
  UNAUTHENTICATED: { status: 401, retryable: false },
  HOST_NOT_ALLOWED: { status: 403, retryable: false },
  NOT_FOUND: { status: 404, retryable: false },
  VIDEO_NOT_READY: { status: 409, retryable: true },
  MODEL_NOT_READY: { status: 503, retryable: true },
  IN_USE: { status: 409, retryable: false },
  SOURCE_NOT_ALLOWED: { status: 403, retryable: false },
  SOURCE_NOT_FOUND: { status: 404, retryable: false },
  SOURCE_GONE: { status: 410, retryable: false },
  SOURCE_UNREACHABLE: { status: 502, retryable: true, passing: true },
  UPLOAD_INCOMPLETE: { status: 409, retryable: false },
  NOT_A_VIDEO: { status: 422, retryable: false },
  NO_VIDEO_TRACK: { status: 422, retryable: false },
  MEDIA_LIMIT: { status: 422, retryable: false },
  MEDIA_TIMEOUT: { status: 422, retryable: true },
  DISK_FULL: { status: 507, retryable: true, passing: true },
  NOT_RETRYABLE: { status: 409, retryable: false },
  INTERNAL: { status: 500, retryable: true },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** An error a client may see: `message` says what was wrong and what to do, and names nothing internal. */
export class ClipqlError extends Error {
  override readonly name = 'ClipqlError';
  readonly code: ErrorCode;
  /** What a program may want to know beside the code; clients get it in `extensions`. */
  readonly details: Record<string, unknown>;

  constructor(
    code: ErrorCode,
    message: string,
    { details = {}, ...options }: ErrorOptions & { details?: Record<string, unknown> } = {},
  ) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  get passing(): boolean {
    return 'passing' in ERRORS[this.code];
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** What is said of an unknown id, and of a video that was deleted meanwhile. */
export const noVideo = (): ClipqlError => new ClipqlError('NOT_FOUND', 'There is no video with this id.');

/**
 * The error a client may see for any failure: coded errors as they are, a full disk as `DISK_FULL`, all else masked
 * as `INTERNAL` (the original stays as `cause`, for the log).
 */
export function toClipqlError(error: unknown): ClipqlError {
  if (error instanceof ClipqlError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ClipqlError('DISK_FULL', 'The disk is full. Free some space and try again.', { cause: error });
  }
  return new ClipqlError('INTERNAL', 'Something went wrong on the server. Its log says what.', {
    cause: error,
  });
}
