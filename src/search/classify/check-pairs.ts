import { ClipqlError } from '../../errors.ts';

/** Label–clip pairs of one classification: about half a minute of scoring with B/16 on two cores. */
const MAX_PAIRS = 200_000;

/** Throws `TOO_COSTLY` when so many pairs would be scored; `or` says what else could be done than to send fewer labels. */
export function checkPairs(labels: number, clips: number, or: string): void {
  const pairs = labels * clips;
  if (pairs <= MAX_PAIRS) return;
  throw new ClipqlError(
    'TOO_COSTLY',
    `${labels} labels × ${clips} clips are ${pairs} pairs to score; ${MAX_PAIRS} are allowed. Send fewer labels, or ${or}.`,
  );
}
