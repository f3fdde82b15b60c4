import type { SearchParts } from '../parts.ts';
import type { Scoring } from './score-clips.ts';
import { type ClipMatch, scoreMoments } from './score-moments.ts';
import { alone, type Stretch, stretches } from './stretches.ts';
import type { TextQuery } from './text-query.ts';

/** Clips on either side of a seed that a moment may have: an hour of 10 s each. */
const LONGEST = 360;

/** A clip that matches, and the moment it is the nearest clip of. */
export interface GrownMoment {
  seed: ClipMatch;
  moment: Stretch;
}

/** A seed and what was found on its sides, without a gap. */
interface Growing {
  seed: ClipMatch;
  clips: ClipMatch[];
  /** Whether neighbours may still belong to it, before and after it. */
  open: [before: boolean, after: boolean];
}

/**
 * Grows each seed by its neighbours that are at least `relevant`, too. Of the seeds of one moment only the one nearest to
 * the texts stays, wherever the others turn up: so each moment is found once. A seed below `relevant` stays alone.
 */
export async function growMoments(
  parts: SearchParts,
  query: TextQuery,
  seeds: ClipMatch[],
  relevant: number,
  scoring: Scoring,
  signal?: AbortSignal,
): Promise<GrownMoment[]> {
  const known = new Map(seeds.map((seed) => [nameOf(seed), seed as ClipMatch | null]));
  let growing = seeds.map((seed): Growing => {
    const grows = seed.relevance >= relevant;
    return { seed, clips: [seed], open: [grows, grows] };
  });
  for (let step = 1; growing.some(({ open: [a, b] }) => a || b); step = Math.min(2 * step, 32)) {
    signal?.throwIfAborted();
    const wanted = growing.flatMap((each) => ahead(each, step)).filter((key) => !known.has(nameOf(key)));
    const distinct = [...new Map(wanted.map((key) => [nameOf(key), key])).values()];
    const clips = await parts.store.clips.at(parts.model.fingerprint, distinct);
    for (const key of distinct) known.set(nameOf(key), null);
    for (const clip of await scoreMoments(parts, query, clips, scoring, signal))
      known.set(nameOf(clip), clip);
    growing = growing.map((each) => grown(each, step, known, relevant)).filter(isNearest);
  }
  return growing.map(({ seed, clips }) => {
    const [moment] = stretches(clips, relevant);
    return { seed, moment: moment ?? alone(seed) };
  });
}

type Key = { videoId: string; index: number };

const nameOf = ({ videoId, index }: Key) => `${videoId}:${index}`;

/** The next neighbours on the open sides. */
function ahead({ seed, clips, open: [before, after] }: Growing, step: number): Key[] {
  const first = clips[0]?.index ?? seed.index;
  const last = clips.at(-1)?.index ?? seed.index;
  const steps = Array.from({ length: step }, (_, i) => i + 1);
  return [...(before ? steps.map((i) => first - i) : []), ...(after ? steps.map((i) => last + i) : [])]
    .filter((index) => index >= 0)
    .map((index) => ({ videoId: seed.videoId, index }));
}

/** With those of the next neighbours that belong to it. */
function grown(
  { seed, clips, open }: Growing,
  step: number,
  known: Map<string, ClipMatch | null>,
  relevant: number,
): Growing {
  const side = (from: number, by: -1 | 1) => {
    const found: ClipMatch[] = [];
    for (let i = 1; i <= step; i++) {
      const clip = known.get(nameOf({ videoId: seed.videoId, index: from + by * i }));
      if (!clip || clip.relevance < relevant) return { found, open: false };
      found.push(clip);
    }
    return { found, open: Math.abs(from + by * step - seed.index) < LONGEST };
  };
  const before = open[0] ? side(clips[0]?.index ?? seed.index, -1) : { found: [], open: false };
  const after = open[1] ? side(clips.at(-1)?.index ?? seed.index, 1) : { found: [], open: false };
  return {
    seed,
    clips: [...before.found.reverse(), ...clips, ...after.found],
    open: [before.open, after.open],
  };
}

/** Whether no clip of the moment is nearer than the seed; of equally near ones the first counts. */
function isNearest({ seed, clips }: Growing): boolean {
  return clips.every(
    (clip) => clip.distance > seed.distance || (clip.distance === seed.distance && clip.index >= seed.index),
  );
}
