import { errors } from 'undici';
import { ClipqlError } from '../../errors.ts';

const NETWORK =
  /^(UND_ERR_|EAI_|ERR_SSL_|(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|ENOTFOUND|EPROTO)$)/;
const CERTIFICATE = /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT)/;

/** Whether the connection failed, and not the disk or we. */
export function isBroken(error: unknown): boolean {
  const { syscall } = (error ?? {}) as { syscall?: unknown };
  return NETWORK.test(codeOf(error)) || syscall === 'connect' || error instanceof errors.HTTPParserError;
}

/** What a client sees of a failed connection; any other error as it is. */
export function sourceError(error: unknown, host: string): unknown {
  const code = codeOf(error);
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) {
    return new ClipqlError(
      'SOURCE_UNREACHABLE',
      `The address of ${host} could not be found. Check its spelling and the network.`,
      { cause: error },
    );
  }
  if (isBroken(error)) {
    // The parser's own error carries all that came, which is not for the log.
    const cause = error instanceof errors.HTTPParserError ? new Error(error.message) : error;
    return new ClipqlError(
      'SOURCE_UNREACHABLE',
      `${host} could not be reached, or broke off. Try again later.`,
      { cause },
    );
  }
  if (CERTIFICATE.test(code)) {
    return new ClipqlError(
      'SOURCE_NOT_ALLOWED',
      `The certificate of ${host} is not valid, so it may be somebody else.`,
      { cause: error },
    );
  }
  return error;
}

/** What an answer means that is no file. */
export function statusError(status: number, host: string): ClipqlError {
  if (status === 404 || status === 410) {
    return new ClipqlError('SOURCE_NOT_FOUND', `${host} has no such file (HTTP ${status}). Check the link.`);
  }
  if (status === 401 || status === 403 || status === 407 || status === 451) {
    return new ClipqlError(
      'SOURCE_NOT_ALLOWED',
      `${host} does not give this file to everybody (HTTP ${status}). Check the link, or upload the file.`,
    );
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    return new ClipqlError(
      'SOURCE_UNREACHABLE',
      `${host} cannot answer now (HTTP ${status}). Try again later.`,
    );
  }
  return new ClipqlError(
    'BAD_USER_INPUT',
    `${host} answers without a file (HTTP ${status}). Check the link.`,
  );
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && !(error instanceof ClipqlError) ? code : '';
}
