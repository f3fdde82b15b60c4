import type { QueryRuns } from './query-runs.ts';

/**
 * Text embeddings [D] in the order of `texts`. Texts of one length are batched, so nothing is padded: a short one alone
 * is the fastest run there is.
 */
export async function encodeTexts(
  { run, pacer }: QueryRuns,
  texts: string[],
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  if (texts.length === 0) return [];
  const tokens = await run<number[][]>({ task: 'tokenize', texts }, signal);
  const embeddings = new Array<Float32Array>(texts.length);
  for (const [length, indices] of byLength(tokens)) {
    for (let i = 0, batch = indices; i < indices.length; i += batch.length) {
      batch = indices.slice(i, i + Math.max(1, Math.floor(pacer.amount('tokens') / length)));
      const amount = { kind: 'tokens', units: batch.length * length };
      const some = batch.map((index) => tokens[index] as number[]);
      const rows = await run<Float32Array>({ task: 'embed', tokens: some }, signal, amount);
      const D = rows.length / batch.length;
      for (const [row, index] of batch.entries()) embeddings[index] = rows.slice(row * D, (row + 1) * D);
    }
  }
  return embeddings;
}

/** Indices of texts by their number of tokens. */
function byLength(tokens: number[][]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [index, { length }] of tokens.entries()) {
    const group = groups.get(length);
    if (group) group.push(index);
    else groups.set(length, [index]);
  }
  return groups;
}
