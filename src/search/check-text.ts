import { ClipqlError } from '../errors.ts';

/** Characters; the model itself reads no more than its first 77 tokens. */
const MAX_TEXT = 1_000;

/** The text, trimmed. Throws `BAD_USER_INPUT` when it is empty, too long or no valid Unicode, calling it `name`. */
export function checkText(text: string, name: string): string {
  const trimmed = text.trim();
  if (trimmed === '')
    throw new ClipqlError('BAD_USER_INPUT', `${name} is empty. Say in words what to look for.`);
  if (trimmed.length > MAX_TEXT) {
    throw new ClipqlError('BAD_USER_INPUT', `${name} has more than ${MAX_TEXT} characters. Shorten it.`);
  }
  // PostgreSQL keeps neither.
  if (/[\0\p{Cs}]/u.test(trimmed)) {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      `${name} holds text that is not valid Unicode, or a NUL character.`,
    );
  }
  return trimmed;
}
