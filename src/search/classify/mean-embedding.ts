/**
 * The mean direction of text embeddings [D], with their mean length: an ensemble as CLIP makes it (arXiv 2103.00020,
 * section 3.1.4: the mean of the L2-normalised embeddings, normalised again), brought back to a length because X-CLIP's
 * prompt generator takes texts that are not normalised. A single one comes back as it is.
 */
export function meanEmbedding(embeddings: Float32Array[]): Float32Array {
  const [first = new Float32Array(), ...more] = embeddings;
  if (more.length === 0) return first;
  const sum = new Float64Array(first.length);
  let lengths = 0;
  for (const embedding of embeddings) {
    const length = norm(embedding);
    lengths += length;
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (embedding[i] as number) / length;
  }
  const scale = lengths / embeddings.length / norm(sum);
  return Float32Array.from(sum, (x) => x * scale);
}

function norm(vector: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < vector.length; i++) squares += (vector[i] as number) ** 2;
  return Math.sqrt(squares);
}
