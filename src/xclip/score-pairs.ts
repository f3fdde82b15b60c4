import type { QueryRuns } from './query-runs.ts';
import type { FeaturesForm, ScorableClip } from './xclip.ts';

/** The published logits of every text and clip, row-major [clips, texts], in runs of as many pairs as fit into one. */
export async function scorePairs(
  { run, pacer, mostClips }: QueryRuns,
  texts: Float32Array[],
  clips: ScorableClip[],
  signal?: AbortSignal,
): Promise<Float32Array> {
  const logits = new Float32Array(clips.length * texts.length);
  for (const [form, indices] of byForm(clips)) {
    // Few texts take longer per pair than many: a clip's patch features are then read for little work.
    const kind = `${form} pairs, ${Math.ceil(Math.log2(texts.length))}`;
    for (let t = 0, someTexts = texts; t < texts.length; t += someTexts.length) {
      someTexts = texts.slice(t, t + pacer.amount(kind));
      for (let c = 0, some = indices; c < indices.length; c += some.length) {
        const fitting = Math.floor(pacer.amount(kind) / someTexts.length);
        some = indices.slice(c, c + Math.max(1, Math.min(fitting, mostClips)));
        const someClips = some.map((index) => clips[index] as ScorableClip);
        const amount = { kind, units: someTexts.length * someClips.length };
        const rows = await run<Float32Array>(scoreRequest(form, someTexts, someClips), signal, amount);
        for (const [i, index] of some.entries()) {
          const row = rows.subarray(i * someTexts.length, (i + 1) * someTexts.length);
          logits.set(row, index * texts.length + t);
        }
      }
    }
  }
  return logits;
}

/** Indices of clips by the form of their patch features. */
function byForm(clips: ScorableClip[]): Map<FeaturesForm, number[]> {
  const groups = new Map<FeaturesForm, number[]>();
  for (const [index, { patchFeatures }] of clips.entries()) {
    const group = groups.get(patchFeatures.form);
    if (group) group.push(index);
    else groups.set(patchFeatures.form, [index]);
  }
  return groups;
}

function scoreRequest(form: FeaturesForm, texts: Float32Array[], clips: ScorableClip[]) {
  return {
    task: 'score' as const,
    form,
    texts: concatenated(texts),
    clips: concatenated(clips.map((clip) => clip.embedding)),
    // A view's whole buffer would travel with it.
    features: clips.map(({ patchFeatures: f }) => ('bytes' in f ? { ...f, bytes: f.bytes.slice() } : f)),
  };
}

function concatenated(vectors: Float32Array[]): Float32Array {
  const D = vectors[0]?.length ?? 0;
  const rows = new Float32Array(vectors.length * D);
  for (const [i, vector] of vectors.entries()) rows.set(vector, i * D);
  return rows;
}
