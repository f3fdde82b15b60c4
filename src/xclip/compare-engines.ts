import type { XClip } from './xclip.ts';

/** How far one engine's answers are from another's of the same model. */
export interface Agreement {
  /** Cosines of the clips' embeddings to the exact ones. */
  cosine: { smallest: number; mean: number };
  /** Largest difference of a logit. */
  logit: number;
  /** Number of clips whose best text is the same. */
  sameBest: number;
}

/**
 * Compares an approximate engine with an exact one over clips (uint8 RGB [T, S, S, 3]) and texts: each embeds the clips
 * and the texts itself.
 */
export async function compareEngines(
  exact: XClip,
  approximate: XClip,
  clips: Uint8Array[],
  texts: string[],
): Promise<Agreement> {
  const wanted = await answersOf(exact, clips, texts);
  const found = await answersOf(approximate, clips, texts);
  const cosines = found.embeddings.map((embedding, i) =>
    embedding.reduce((sum, value, j) => sum + value * (wanted.embeddings[i]?.[j] as number), 0),
  );
  const differences = found.logits.map((logit, i) => Math.abs(logit - (wanted.logits[i] as number)));
  const same = clips.filter(
    (_, i) => best(found.logits, i, texts.length) === best(wanted.logits, i, texts.length),
  );
  return {
    cosine: { smallest: Math.min(...cosines), mean: cosines.reduce((a, b) => a + b, 0) / cosines.length },
    logit: Math.max(...differences),
    sameBest: same.length,
  };
}

async function answersOf(
  engine: XClip,
  clips: Uint8Array[],
  texts: string[],
): Promise<{ embeddings: Float32Array[]; logits: Float32Array }> {
  const encodings = [];
  for (const clip of clips) encodings.push(await engine.encodeClip(clip));
  const scorable = encodings.map(({ embedding, patchFeatures }) => ({
    embedding,
    patchFeatures: { form: engine.options.features, bytes: patchFeatures },
  }));
  const logits = await engine.score(await engine.encodeTexts(texts), scorable);
  return { embeddings: encodings.map(({ embedding }) => embedding), logits };
}

/** The text with a clip's largest logit. */
function best(logits: Float32Array, clip: number, texts: number): number {
  const row = logits.subarray(clip * texts, (clip + 1) * texts);
  return row.indexOf(Math.max(...row));
}
