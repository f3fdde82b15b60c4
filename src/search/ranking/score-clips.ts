import type { EmbeddedClip } from '../../store/types.ts';
import { clipBackgrounds } from '../../xclip/clip-backgrounds.ts';
import type { ScorableClip } from '../../xclip/xclip.ts';
import { currentBackgrounds } from '../current-backgrounds.ts';
import type { SearchParts } from '../parts.ts';
import { relevance } from '../relevance.ts';
import { withFeatures } from '../with-features.ts';
import type { Tally } from './tally.ts';

/** How a search scores. */
export interface Scoring {
  /** By the published logits; else by the plain cosine, which is an estimate. */
  exact: boolean;
  /** Every clip of a video is scored, instead of those nearest to a text. */
  everyClip?: boolean;
  tally: Tally;
}

/** How a text fits a clip. */
export interface TextScore {
  /** X-CLIP's own, or without `exact` the cosine times the model's scale. */
  logit: number;
  /** 0 to 1. */
  relevance: number;
}

/** A clip, and how each text fits it, in their order. */
export interface ScoredClip extends EmbeddedClip {
  scores: TextScore[];
}

/** Scores texts, embeddings [D] not normalised, against stored clips; those deleted meanwhile are left out. */
export async function scoreClips(
  parts: SearchParts,
  texts: Float32Array[],
  clips: EmbeddedClip[],
  { exact, tally }: Scoring,
  signal?: AbortSignal,
): Promise<ScoredClip[]> {
  if (clips.length === 0 || texts.length === 0) return clips.map((clip) => ({ ...clip, scores: [] }));
  const { model } = parts;
  tally.scored += texts.length * clips.length;
  tally.approximate ||= !exact || clips.some((clip) => clip.features === 'none');
  const { clips: there, backgrounds, logits } = await (exact ? published() : estimated());

  async function published() {
    const current = await currentBackgrounds(parts, clips, signal);
    const score = (located: ScorableClip[]) => model.score(texts, located, signal);
    const scored = await withFeatures(parts, current, score, signal);
    const backgrounds = scored.clips.map((clip) => clip.background);
    return { clips: scored.clips, backgrounds, logits: scored.result };
  }

  async function estimated() {
    const bare = clips.map((clip) => withoutFeatures(clip.embedding));
    const backgrounds = await clipBackgrounds(model, bare, signal);
    return { clips, backgrounds, logits: await model.score(texts, bare, signal) };
  }

  return there.map((clip, c) => ({
    ...clip,
    scores: texts.map((_, t) => {
      const logit = logits[c * texts.length + t] ?? Number.NaN;
      return { logit, relevance: relevance(model.card, logit, backgrounds[c] ?? Number.NaN) };
    }),
  }));
}

/** A clip of which only the embedding [D] counts: its logit is `exp(logit_scale) · cos`. */
export function withoutFeatures(embedding: Float32Array): ScorableClip {
  return { embedding, patchFeatures: { form: 'none', bytes: new Uint8Array() } };
}
