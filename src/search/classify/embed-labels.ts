import type { XClip } from '../../xclip/xclip.ts';
import { embedTexts } from './embed-texts.ts';
import type { ResolvedLabel } from './label-texts.ts';
import { meanEmbedding } from './mean-embedding.ts';

/** One embedding [D] for each label, not normalised, as scoring needs it: that of its text, or the mean of several. */
export async function embedLabels(
  model: XClip,
  labels: ResolvedLabel[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const embeddings = await embedTexts(
    model,
    labels.flatMap(({ texts }) => texts),
    signal,
  );
  let next = 0;
  return labels.map(({ texts }) => {
    const first = next;
    next += texts.length;
    return meanEmbedding(embeddings.slice(first, next));
  });
}
