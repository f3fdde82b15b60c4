import { ClipqlError } from '../errors.ts';
import { DEFAULT_SEGMENTATION } from '../media/windows.ts';
import type { Segmentation } from '../store/types.ts';

/** Seconds a clip. */
const SHORTEST = 0.5;
const LONGEST = 3600;
/** A share of a clip. */
const MOST_OVERLAP = 0.9;

/** What is said of a segmentation. */
export type GivenSegmentation = Partial<{ [K in keyof Segmentation]: Segmentation[K] | null }>;

/** A segmentation as it is kept, what is left out as usual. Throws `BAD_USER_INPUT`. */
export function cleanSegmentation(given: GivenSegmentation): Segmentation {
  const clipSeconds = given.clipSeconds ?? DEFAULT_SEGMENTATION.clipSeconds;
  const overlap = given.overlap ?? DEFAULT_SEGMENTATION.overlap;
  if (!(clipSeconds >= SHORTEST && clipSeconds <= LONGEST)) {
    throw new ClipqlError('BAD_USER_INPUT', `\`clipSeconds\` must be from ${SHORTEST} to ${LONGEST}.`);
  }
  if (!(overlap >= 0 && overlap <= MOST_OVERLAP)) {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      `\`overlap\` is a share of a clip and must be from 0 to ${MOST_OVERLAP}.`,
    );
  }
  return { clipSeconds, overlap, scenes: given.scenes ?? DEFAULT_SEGMENTATION.scenes };
}
