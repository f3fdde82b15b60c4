import type { XClip } from '../xclip/xclip.ts';

/** A text in both its forms, [D] each. */
export interface Query {
  /** As scoring needs it: not normalised. */
  embedding: Float32Array;
  /** L2-normalised, to find the nearest clips. */
  unit: Float32Array;
}

/** Embeds a text alone, not in a batch, so that it is the same to the last bit on every page of a search. */
export async function embedQuery(model: XClip, text: string, signal?: AbortSignal): Promise<Query> {
  const [embedding = new Float32Array(model.dimensions)] = await model.encodeTexts([text], signal);
  const length = Math.hypot(...embedding);
  return { embedding, unit: embedding.map((x) => x / length) };
}
