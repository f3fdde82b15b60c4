import { Minimatch } from 'minimatch';
import { ClipqlError } from '../errors.ts';

const MAX_PATTERNS = 100;
/** Characters. */
const MAX_PATTERN = 256;
/** Alternatives that the braces of one pattern may stand for. */
const MAX_ALTERNATIVES = 100;

/** A glob for the names of video files: of the containers that can be read; not `gif` and `ogg`, which mostly are no videos. */
export const VIDEO_FILES =
  '*.{mp4,m4v,mov,qt,3gp,3g2,mkv,webm,avi,divx,ts,mts,m2ts,mpg,mpeg,vob,flv,f4v,wmv,asf,ogv}';

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
  const options = {
    ...{ matchBase: true, nocase: true, normalize: true, nocomment: true, nonegate: true, noext: true },
    braceExpandMax: MAX_ALTERNATIVES,
  };
  const patterns = globs.map((glob) => new Minimatch(glob, options));
  return (name) => patterns.some((pattern) => pattern.match(name));
}
