import { ClipqlError } from '../../errors.ts';
import type { LabelSetContent } from '../../store/label-sets.ts';
import { checkText } from '../check-text.ts';
import { checkLabels, checkTemplates, type GivenLabel } from './check-labels.ts';
import { fillTemplates } from './label-texts.ts';

/** Characters. */
const MAX_NAME = 100;

/** A label set as a client gives it. */
export interface GivenLabelSet {
  name: string;
  labels: GivenLabel[];
  templates?: string[] | null | undefined;
}

/** A label set as it is kept. Throws `BAD_USER_INPUT`, and `TOO_COSTLY` for one that could not be classified against. */
export function checkLabelSet({ name, labels, templates }: GivenLabelSet): LabelSetContent {
  const content = {
    name: checkName(name),
    templates: checkTemplates(templates ?? []),
    labels: checkLabels(labels),
  };
  fillTemplates(content.labels, content.templates);
  return content;
}

/** What a change, the part that is given, makes of a label set. Throws as `checkLabelSet` does for the whole. */
export function checkLabelSetChange(
  before: LabelSetContent,
  { name, labels, templates }: { [Part in keyof GivenLabelSet]?: GivenLabelSet[Part] | null | undefined },
): Partial<LabelSetContent> {
  const after = checkLabelSet({
    name: name ?? before.name,
    labels: labels ?? before.labels,
    templates: templates ?? before.templates,
  });
  return {
    ...(name != null && { name: after.name }),
    ...(labels != null && { labels: after.labels }),
    ...(templates != null && { templates: after.templates }),
  };
}

function checkName(name: string): string {
  const line = checkText(name.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '), '`name`').normalize('NFC');
  if ([...line].length <= MAX_NAME) return line;
  throw new ClipqlError('BAD_USER_INPUT', `\`name\` has more than ${MAX_NAME} characters. Shorten it.`);
}
