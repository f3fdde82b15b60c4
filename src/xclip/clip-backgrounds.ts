import type { ScorableClip, XClip } from './xclip.ts';

/** The embedded background texts of each engine: the same for as long as it lives. */
const backgroundTexts = new WeakMap<XClip, Float32Array[]>();

/**
 * The background of each clip: the log-sum-exp of its logits over the model's fixed background texts. A text's logit
 * above it says how much more the clip is about that text than about things in general.
 */
export async function clipBackgrounds(
  model: XClip,
  clips: ScorableClip[],
  signal?: AbortSignal,
): Promise<number[]> {
  const texts = backgroundTexts.get(model) ?? (await model.encodeTexts(model.card.background, signal));
  backgroundTexts.set(model, texts);
  const logits = await model.score(texts, clips, signal);
  return clips.map((_, i) => logSumExp(logits.subarray(i * texts.length, (i + 1) * texts.length)));
}

/** `ln Σ exp(x)`, taken relative to the largest so that nothing overflows. */
function logSumExp(values: Float32Array): number {
  const largest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}
