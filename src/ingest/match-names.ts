import picomatch from 'picomatch';
import { ClipqlError } from '../errors.ts';

const MAX_PATTERNS = 100;
/** Characters: a pattern becomes a regular expression. */
const MAX_PATTERN = 256;

/**
 * Whether a relative path matches one of the globs, in any letter case and form of Unicode: the whole of it, or its last
 * part when the glob has no slash. Throws `BAD_USER_INPUT`, naming `field`.
 */
export function matchNames(field: string, globs: string[]): (name: string) => boolean {
  if (globs.length > MAX_PATTERNS || globs.some((glob) => glob === '' || glob.length > MAX_PATTERN)) {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      `\`${field}\` takes up to ${MAX_PATTERNS} patterns of 1 to ${MAX_PATTERN} characters.`,
    );
  }
  // Names may hold line breaks, which `s` lets a dot match; alternatives with repetition could take for ever.
  const options = { basename: true, flags: 'is', noextglob: true };
  const matches = picomatch(
    globs.map((glob) => glob.normalize()),
    options,
  );
  return (name) => matches(name.normalize());
}
