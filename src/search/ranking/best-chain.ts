import type { MatchingClip } from './stretches.ts';

/** One clip for each text of a sequence. */
export interface Chain {
  clips: MatchingClip[];
  /** The least among its clips. */
  relevance: number;
}

/**
 * Of the chains that take a clip from each list, each beginning after the one before and the last at most
 * `withinSeconds` after the first, the one whose weakest clip is most relevant. Null when there is none.
 */
export function bestChain(candidates: MatchingClip[][], withinSeconds: number): Chain | null {
  const [firsts = [], ...others] = candidates;
  const chains = firsts.flatMap((first) => {
    let ends: Chain[] = [{ clips: [first], relevance: first.relevance }];
    for (const clips of others) {
      ends = clips
        .filter((clip) => clip.start - first.start <= withinSeconds)
        .flatMap((clip) => {
          const before = best(ends.filter((chain) => (chain.clips.at(-1)?.start ?? 0) < clip.start));
          if (!before) return [];
          const relevance = Math.min(before.relevance, clip.relevance);
          return [{ clips: [...before.clips, clip], relevance }];
        });
    }
    return ends;
  });
  return best(chains);
}

function best(chains: Chain[]): Chain | null {
  return chains.reduce<Chain | null>((a, b) => (a && a.relevance >= b.relevance ? a : b), null);
}
