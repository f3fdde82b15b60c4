import { ClipqlError } from '../../errors.ts';
import type { SearchParts } from '../parts.ts';
import { embedLabels } from './embed-labels.ts';
import { type FewShot, prepareExamples } from './few-shot.ts';
import { type LabelRequest, type ResolvedLabel, resolveLabels } from './label-texts.ts';

/** Labels with examples beside those that a label set has. */
export interface ExampledRequest extends LabelRequest {
  /** Ids of videos that show what a label means, by the label as sent. */
  examples?: { label: string; videos: string[] }[] | null | undefined;
}

/** Labels, ready to be scored against the clips of many videos. */
export interface PreparedLabels {
  /** As sent, or as stored. */
  names: string[];
  /** [D] each, not normalised. */
  embeddings: Float32Array[];
  /** Null: no label has examples. */
  fewShot: FewShot | null;
}

/** The labels of a request, with all their examples. Throws `BAD_USER_INPUT`, `NOT_FOUND`, `TOO_COSTLY`. */
export async function resolveRequest(
  { store }: SearchParts,
  { examples, ...request }: ExampledRequest,
): Promise<ResolvedLabel[]> {
  return withExamples(await resolveLabels(store, request), examples ?? []);
}

/** Embeds labels and their examples. Throws `NOT_FOUND`, `VIDEO_NOT_READY`, `TOO_COSTLY`. */
export async function prepareLabels(
  parts: SearchParts,
  labels: ResolvedLabel[],
  signal?: AbortSignal,
): Promise<PreparedLabels> {
  const embeddings = await embedLabels(parts.model, labels, signal);
  const fewShot = await prepareExamples(parts, labels, embeddings, signal);
  return { names: labels.map(({ label }) => label), embeddings, fewShot };
}

function withExamples(
  labels: ResolvedLabel[],
  given: { label: string; videos: string[] }[],
): ResolvedLabel[] {
  const more = new Map<string, string[]>();
  for (const { label, videos } of given) {
    const known = labels.find((other) => other.label.trim() === label.trim());
    if (!known) {
      throw new ClipqlError(
        'BAD_USER_INPUT',
        `\`examples\` names "${label.slice(0, 100)}", which is no label.`,
      );
    }
    more.set(known.label, [...(more.get(known.label) ?? []), ...videos.map((id) => id.toLowerCase())]);
  }
  return labels.map((label) => ({
    ...label,
    examples: [...new Set([...label.examples, ...(more.get(label.label) ?? [])])],
  }));
}
