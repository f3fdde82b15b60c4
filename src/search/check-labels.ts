import { ClipqlError } from '../errors.ts';
import { checkText } from './check-text.ts';

const MAX_LABELS = 1_000;

/**
 * The text of each label: the label, trimmed, put into the template's `{}`. Throws `BAD_USER_INPUT`, naming the label
 * that is empty, too long or there twice.
 */
export function checkLabels(labels: string[], template?: string | null): string[] {
  if (labels.length < 1 || labels.length > MAX_LABELS) {
    throw new ClipqlError('BAD_USER_INPUT', `Send 1 to ${MAX_LABELS} labels, not ${labels.length}.`);
  }
  const [before, after, ...more] = (template ?? '{}').split('{}');
  if (after === undefined || more.length > 0) {
    throw new ClipqlError('BAD_USER_INPUT', '`template` must hold {} exactly once, as in "a video of {}".');
  }
  const seen = new Map<string, number>();
  return labels.map((label, i) => {
    const trimmed = checkText(label, `Label ${i + 1}`);
    const known = seen.get(trimmed.normalize('NFC'));
    if (known !== undefined) {
      throw new ClipqlError(
        'BAD_USER_INPUT',
        `Label ${i + 1}, "${trimmed}", is label ${known} again. Send it once.`,
      );
    }
    seen.set(trimmed.normalize('NFC'), i + 1);
    return before + trimmed + after;
  });
}
