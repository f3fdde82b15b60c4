import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mostAbsorbed } from '#src/xclip/graph/cross-attention.js';

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
      expect(K > mostAbsorbed(P, D, heads)).toBe(projected < absorbed);
    }),
  );
});

test('a search goes through many clips absorbed, a classification has its labels projected', () => {
  for (const patches of [49, 196]) {
    expect(mostAbsorbed(patches, 512, 8)).toBeGreaterThanOrEqual(1);
    expect(mostAbsorbed(patches, 512, 8)).toBeLessThan(400);
  }
});
