import type { XClip } from '../xclip/xclip.ts';
import { createTextCache } from './text-cache.ts';

/** A text and its embedding in both forms, [D] each. */
export interface Query {
  text: string;
  /** As scoring needs it: not normalised. */
  embedding: Float32Array;
  /** L2-normalised, to find the nearest clips. */
  unit: Float32Array;
}

/** Queries kept a model: 4 MB at 512 dimensions. */
const MAX_QUERIES = 1_000;

const cacheOf = createTextCache<Query>(MAX_QUERIES);

/**
 * Embeds a text alone, not in a batch, so that it is the same to the last bit on every page of a search; one asked for
 * lately comes from memory.
 */
export async function embedQuery(model: XClip, text: string, signal?: AbortSignal): Promise<Query> {
  const cache = cacheOf(model);
  const known = cache.get(text);
  if (known) return known;
  const [embedding = new Float32Array(model.dimensions)] = await model.encodeTexts([text], signal);
  const length = Math.hypot(...embedding);
  const query = { text, embedding, unit: embedding.map((x) => x / length) };
  cache.set(text, query);
  return query;
}
