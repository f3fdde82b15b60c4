import type { Clip, EmbeddedClip } from '../../store/types.ts';
import type { SearchParts } from '../parts.ts';
import { type ScoredClip, scoreClips } from '../ranking/score-clips.ts';
import { newTally } from '../ranking/tally.ts';
import { relevance, undecidedLogit } from '../relevance.ts';
import { blend, nearAny } from './few-shot.ts';
import type { PreparedLabels } from './prepare-labels.ts';

/** How labels fit a clip, in their order. */
export interface LabelledClip extends Clip {
  /** The model's own numbers for the texts. */
  logits: number[];
  /** With the examples; without any the logits. */
  scores: number[];
  /** 0 to 1, of the scores. */
  relevances: number[];
}

/** How a label fits a video, or a clip of it. */
export interface LabelScore {
  /** As sent. */
  label: string;
  /** The softmax of the scores over the labels. */
  probability: number;
  /** By itself, whatever the other labels are: 0 to 1, of the best clip, as the relevance of a search. */
  confidence: number;
  /** Of the text alone, the mean over the clips; of one clip the model's own. */
  logit: number;
  /** With the label's examples, the mean over the clips; without any the logit. */
  score: number;
}

/** Scores labels against the clips of a video; those deleted meanwhile are left out. */
export async function scoreLabels(
  parts: SearchParts,
  { embeddings, fewShot }: PreparedLabels,
  clips: EmbeddedClip[],
  signal?: AbortSignal,
): Promise<{ clips: LabelledClip[]; approximate: boolean }> {
  const { card } = parts.model;
  const tally = newTally();
  const scored = await scoreClips(parts, embeddings, clips, { exact: true, tally }, signal);

  function labelled(clip: ScoredClip): LabelledClip {
    const { index, start, end, background, videoId, embedding } = clip;
    const logits = clip.scores.map((score) => score.logit);
    const of = { index, start, end, logits };
    if (!fewShot) return { ...of, scores: logits, relevances: clip.scores.map((score) => score.relevance) };
    const measure = {
      undecided: undecidedLogit(card, background),
      nearAny: nearAny(fewShot, clip),
      scale: fewShot.scale,
    };
    const scores = logits.map((logit, i) => {
      // The video cannot be an example of itself.
      const shots = fewShot.shots[i]?.filter((shot) => shot.videoId !== videoId) ?? [];
      return blend(shots, embedding, { ...measure, logit });
    });
    return { ...of, scores, relevances: scores.map((score) => relevance(card, score, background)) };
  }

  return { clips: scored.map(labelled), approximate: tally.approximate };
}

/** How the labels fit these clips together, clips weighing equally; the highest score first. */
export function labelScores(names: string[], clips: LabelledClip[]): LabelScore[] {
  const mean = (of: (clip: LabelledClip) => number) =>
    clips.reduce((sum, clip) => sum + of(clip), 0) / clips.length;
  const means = names.map((_, i) => mean((clip) => clip.scores[i] as number));
  const probabilities = softmax(means);
  return names
    .map((label, i) => ({
      label,
      probability: probabilities[i] as number,
      confidence: clips.reduce((most, clip) => Math.max(most, clip.relevances[i] as number), 0),
      logit: mean((clip) => clip.logits[i] as number),
      score: means[i] as number,
    }))
    .sort((a, b) => b.score - a.score);
}

/** `exp(x) / Σ exp(x)`, relative to the largest, so that nothing overflows. */
function softmax(values: number[]): number[] {
  const largest = values.reduce((a, b) => Math.max(a, b));
  const weights = values.map((value) => Math.exp(value - largest));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** How sure it is that no label holds: what the most confident one leaves. */
export function noneOfThese(labels: LabelScore[]): number {
  return 1 - Math.max(...labels.map((label) => label.confidence));
}
