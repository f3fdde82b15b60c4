import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fasterAttention } from '#src/xclip/graph/cross-attention.js';

const size = fc.integer({ min: 1, max: 1000 });

test('the way with fewer multiplications', () => {
  fc.assert(
    fc.property(size, size, fc.integer({ min: 1, max: 16 }), size, (K, P, heads, headSize) => {
      const D = heads * headSize;
      // Of one clip and layer: matrix products row by row. Absorbed, by head: q W_k, · patches, weights · patches, W_v.
      const absorbed = K * heads * (headSize * D + D * P + P * D + D * headSize);
      // Projected: k and v of all patches, then by head q · k and weights · v.
      const projected = 2 * P * D * D + K * heads * (headSize * P + P * headSize);
      fc.pre(absorbed !== projected);
      expect(fasterAttention(K, P, D, heads)).toBe(absorbed < projected ? 'absorbed' : 'projected');
    }),
  );
});

test('a search goes through many clips absorbed, a classification has its labels projected', () => {
  for (const patches of [49, 196]) {
    expect(fasterAttention(1, patches, 512, 8)).toBe('absorbed');
    expect(fasterAttention(400, patches, 512, 8)).toBe('projected');
  }
});
