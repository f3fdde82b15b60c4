import { ClipqlError } from '../../errors.ts';
import type { StoredLabel } from '../../store/types.ts';
import { checkText } from '../check-text.ts';

/** A label as a client gives it. */
export interface GivenLabel {
  label: string;
  texts?: string[] | null | undefined;
  examples?: string[] | null | undefined;
}

const MAX_LABELS = 1_000;
/** Of one label. */
const MAX_EXAMPLES = 100;
const MAX_TEMPLATES = 20;

/**
 * Labels and their texts, trimmed, and their examples, each once. Throws `BAD_USER_INPUT`, naming the label that is
 * empty, too long or there twice.
 */
export function checkLabels(labels: GivenLabel[]): StoredLabel[] {
  if (labels.length < 1 || labels.length > MAX_LABELS) {
    throw new ClipqlError('BAD_USER_INPUT', `Send 1 to ${MAX_LABELS} labels, not ${labels.length}.`);
  }
  const names = different(
    labels.map(({ label }) => label),
    'Label',
  );
  return labels.map(({ texts, examples }, i) => {
    const ids = [...new Set(examples?.map((id) => id.toLowerCase()))];
    if (ids.length > MAX_EXAMPLES) {
      throw new ClipqlError(
        'BAD_USER_INPUT',
        `Label ${i + 1} has ${ids.length} examples; ${MAX_EXAMPLES} are allowed.`,
      );
    }
    return {
      label: names[i] as string,
      texts: different(texts ?? [], `Label ${i + 1}, text`),
      examples: ids,
    };
  });
}

/** Templates, trimmed. Throws `BAD_USER_INPUT` for more than 20, and for one that is too long or there twice or lacks its `{}`. */
export function checkTemplates(templates: string[]): string[] {
  if (templates.length > MAX_TEMPLATES) {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      `${templates.length} templates are too many; ${MAX_TEMPLATES} are allowed.`,
    );
  }
  if (templates.some((template) => template.split('{}').length !== 2)) {
    throw new ClipqlError('BAD_USER_INPUT', 'A template must hold {} exactly once, as in "a video of {}".');
  }
  return different(templates, 'Template');
}

/** The texts, trimmed; no two may be the same after Unicode's normalisation. */
function different(texts: string[], name: string): string[] {
  const seen = new Map<string, number>();
  return texts.map((text, i) => {
    const trimmed = checkText(text, `${name} ${i + 1}`);
    const known = seen.get(trimmed.normalize('NFC'));
    if (known !== undefined) {
      throw new ClipqlError(
        'BAD_USER_INPUT',
        `${name} ${i + 1}, "${trimmed}", is ${name[0]?.toLowerCase()}${name.slice(1)} ${known} again. Send it once.`,
      );
    }
    seen.set(trimmed.normalize('NFC'), i + 1);
    return trimmed;
  });
}
