import { ClipqlError } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import type { StoredLabel } from '../../store/types.ts';
import { checkLabels, checkTemplates, type GivenLabel } from './check-labels.ts';

/** What to classify against: exactly one of `labels` and `labelSet`. */
export interface LabelRequest {
  /** A text alone is a label without more. */
  labels?: (GivenLabel | string)[] | null | undefined;
  /** The id of a stored or built-in set. */
  labelSet?: string | null | undefined;
  /** At most one of `template` and `templates`; they take the place of the set's. None: the texts as they are. */
  template?: string | null | undefined;
  templates?: string[] | null | undefined;
}

/** A label, ready for the model. */
export interface ResolvedLabel {
  /** As sent, or as stored. */
  label: string;
  /** Every text that stands for it, at least one: its own, in each template. */
  texts: string[];
  /** Ids of videos, perhaps unknown ones. */
  examples: string[];
}

/** Texts of one request: as many as are kept in memory. */
const MAX_TEXTS = 10_000;

/** The labels of a request with all their texts. Throws `BAD_USER_INPUT`, `NOT_FOUND`, `TOO_COSTLY`. */
export async function resolveLabels(store: Store, request: LabelRequest): Promise<ResolvedLabel[]> {
  const { labels, labelSet, template, templates } = request;
  if ((labels == null) === (labelSet == null)) {
    throw new ClipqlError('BAD_USER_INPUT', 'Give exactly one of `labels` and `labelSet`.');
  }
  if (template != null && templates != null) {
    throw new ClipqlError('BAD_USER_INPUT', 'Give at most one of `template` and `templates`.');
  }
  const given = template == null ? templates : [template];
  const wanted = given && checkTemplates(given);
  if (labels) {
    const sent = labels.map((label) => (typeof label === 'string' ? { label } : label));
    const checked = checkLabels(sent);
    return fillTemplates(
      sent.map(({ label }, i) => ({ ...(checked[i] as StoredLabel), label })),
      wanted ?? [],
    );
  }
  const set = await store.labelSets.get(labelSet ?? '');
  if (!set) {
    throw new ClipqlError('NOT_FOUND', 'There is no label set with this id. `labelSets` lists them.');
  }
  return fillTemplates(set.labels, wanted ?? set.templates);
}

/** The texts of each label in each template. Throws `TOO_COSTLY` for more than 10,000 in all. */
export function fillTemplates(labels: StoredLabel[], templates: string[]): ResolvedLabel[] {
  const frames = (templates.length > 0 ? templates : ['{}']).map((template) => template.split('{}'));
  // Counted before any is made: a request of 1 MB could ask for millions.
  const total = labels.reduce((sum, { texts }) => sum + Math.max(1, texts.length), 0) * frames.length;
  if (total > MAX_TEXTS) {
    throw new ClipqlError(
      'TOO_COSTLY',
      `The labels have ${total} texts, counted in each template; ${MAX_TEXTS} are allowed. Send fewer templates, labels or texts.`,
    );
  }
  return labels.map(({ label, texts, examples }) => {
    const own = texts.length > 0 ? texts : [label.trim()];
    return {
      label,
      texts: own.flatMap((text) => frames.map(([before, after]) => `${before}${text}${after}`)),
      examples,
    };
  });
}
