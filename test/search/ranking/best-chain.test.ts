import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestChain } from '#src/search/ranking/best-chain.js';
import type { MatchingClip } from '#src/search/ranking/stretches.js';

const clips = fc.uniqueArray(
  fc.record({ index: fc.nat({ max: 6 }), relevance: fc.double({ min: 0, max: 1, noNaN: true }) }),
  { selector: (clip) => clip.index, maxLength: 5 },
);

const at = ({ index, relevance }: { index: number; relevance: number }): MatchingClip => ({
  ...{ index, relevance, logit: 0, start: index * 10, end: index * 10 + 10 },
});

/** Every way to take one clip from each list. */
function choices(lists: MatchingClip[][]): MatchingClip[][] {
  const [first, ...others] = lists;
  return first ? first.flatMap((clip) => choices(others).map((rest) => [clip, ...rest])) : [[]];
}

test('is the best of all chains, tried one by one', () => {
  const within = fc.constantFrom(10, 20, 30, Number.POSITIVE_INFINITY);
  fc.assert(
    fc.property(fc.array(clips, { minLength: 2, maxLength: 4 }), within, (lists, withinSeconds) => {
      const candidates = lists.map((list) => list.map(at));
      const valid = choices(candidates).filter(
        (chain) =>
          chain.every((clip, i) => i === 0 || clip.start > (chain[i - 1] as MatchingClip).start) &&
          (chain.at(-1) as MatchingClip).start - (chain[0] as MatchingClip).start <= withinSeconds,
      );
      const weakest = (chain: MatchingClip[]) => Math.min(...chain.map((clip) => clip.relevance));
      const found = bestChain(candidates, withinSeconds);
      if (valid.length === 0) expect(found).toBeNull();
      else {
        expect(found?.relevance).toBe(Math.max(...valid.map(weakest)));
        expect(valid).toContainEqual(found?.clips);
      }
    }),
  );
});
