import type { XClip } from '../../xclip/xclip.ts';
import { createTextCache } from '../text-cache.ts';

/** Texts kept a model: 20 MB at 512 dimensions. */
const MAX_TEXTS = 10_000;

/** Texts, 3 to 6 s of B/16 on two cores: what a client that gives up loses of its way when it asks again. */
const AT_ONCE = 500;

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
  for (let i = 0; i < missing.length; i += AT_ONCE) {
    const some = missing.slice(i, i + AT_ONCE);
    for (const [k, embedding] of (await model.encodeTexts(some, signal)).entries()) {
      const text = some[k] as string;
      known.set(text, embedding);
      cache.set(text, embedding);
    }
  }
  return texts.map((text) => known.get(text) as Float32Array);
}
