import { type Logger, pino } from 'pino';

/** Characters of a logged message: a database's may quote what it was sent, vectors included. */
const MAX_MESSAGE = 1000;
const MAX_STACK_LINES = 12;

/** What is logged of an error: not what else hangs on it, such as the values of an SQL statement. */
function serialize(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error).slice(0, MAX_MESSAGE) };
  const { name, message, stack, cause } = error;
  const code = (error as NodeJS.ErrnoException).code;
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line));
  return {
    name,
    ...(typeof code === 'string' && { code }),
    message: message.slice(0, MAX_MESSAGE),
    stack: frames?.slice(0, MAX_STACK_LINES).map((line) => line.trim()),
    ...(cause !== undefined && { cause: serialize(cause) }),
  };
}

/** The server's log: JSON lines on standard error, for programs and operators; errors go in as `err`. */
export function createLog(level: string): Logger {
  return pino({ level, serializers: { err: serialize } }, pino.destination({ dest: 2, sync: true }));
}
