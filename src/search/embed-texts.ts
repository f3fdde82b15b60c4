import type { XClip } from '../xclip/xclip.ts';
import { createTextCache } from './text-cache.ts';

/** Texts kept a model: 20 MB at 512 dimensions. */
const MAX_TEXTS = 10_000;

const cacheOf = createTextCache<Float32Array>(MAX_TEXTS);

/** Text embeddings [D], not normalised, in the order of `texts`; those asked for lately come from memory. */
export async function embedTexts(
  model: XClip,
  texts: string[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const cache = cacheOf(model);
  const known = new Map(texts.map((text) => [text, cache.get(text)]));
  const missing = [...known.keys()].filter((text) => !known.get(text));
  const embeddings = missing.length > 0 ? await model.encodeTexts(missing, signal) : [];
  for (const [i, embedding] of embeddings.entries()) {
    const text = missing[i] as string;
    known.set(text, embedding);
    cache.set(text, embedding);
  }
  return texts.map((text) => known.get(text) as Float32Array);
}
