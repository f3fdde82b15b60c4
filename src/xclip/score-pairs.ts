import type { QueryRuns } from './query-runs.ts';
import type { ScorableClip } from './xclip.ts';

/** The published logits of every text and clip, row-major [clips, texts], in runs of as many pairs as fit into one. */
export async function scorePairs(
  { run, pacer }: QueryRuns,
  texts: Float32Array[],
  clips: ScorableClip[],
  signal?: AbortSignal,
): Promise<Float32Array> {
  const logits = new Float32Array(clips.length * texts.length);
  // Few texts take longer per pair than many: a clip's patch features are then read for little work.
  const kind = `pairs, ${Math.ceil(Math.log2(texts.length))}`;
  for (let t = 0, someTexts = texts; t < texts.length; t += someTexts.length) {
    someTexts = texts.slice(t, t + pacer.amount(kind));
    for (let c = 0, someClips = clips; c < clips.length; c += someClips.length) {
      someClips = clips.slice(c, c + Math.max(1, Math.floor(pacer.amount(kind) / someTexts.length)));
      const amount = { kind, units: someTexts.length * someClips.length };
      const rows = await run<Float32Array>(scoreRequest(someTexts, someClips), signal, amount);
      for (let i = 0; i < someClips.length; i++) {
        const row = rows.subarray(i * someTexts.length, (i + 1) * someTexts.length);
        logits.set(row, (c + i) * texts.length + t);
      }
    }
  }
  return logits;
}

function scoreRequest(texts: Float32Array[], clips: ScorableClip[]) {
  return {
    task: 'score' as const,
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
