import type { Library } from '../open-library.js';
import type { DrawnVideo } from './drawn-library.js';

export interface ExpectedEdge {
  id: string;
  score: number;
  relevance: number;
  /** Starts and scores. */
  moments: { start: number; score: number }[];
}

interface Texts {
  all?: string[];
  any?: string[];
  not?: string[];
  sequence?: string[];
  withinSeconds?: number;
}

/**
 * A search as its definition says, with all of the library in memory: every clip scored, the videos cut into blocks of
 * 50 in the order of their distance, each block in its order.
 */
export async function bruteForceSearch(
  { model }: Library,
  videos: DrawnVideo[],
  search: string | Texts,
  minRelevance: number,
): Promise<ExpectedEdge[]> {
  const {
    all = [],
    any = [],
    not = [],
    sequence = [],
    withinSeconds = Infinity,
  } = typeof search === 'string' ? { all: [search] } : search;
  const single = all.length + any.length === 1 && not.length + sequence.length === 0;
  const relevant = Math.max(minRelevance, model.card.relevance.minRelevance);
  const scored = [];
  for (const { id, clips } of videos) {
    const match = async (texts: string[]) => {
      const matched = [];
      for (const text of texts) matched.push(await nearClips(model, clips, text, relevant));
      return matched;
    };
    const found = { all: await match(all), any: await match(any), not: await match(not) };
    const steps = await match(sequence);
    const greatest = (of: 'score' | 'relevance') => (near: Near[]) =>
      Math.max(...near.map((clip) => clip[of]));
    const nearest = (near: Near[]) => Math.min(...near.map((clip) => clip.distance));
    /** The least of what must hold, of which alternatives are one. */
    const least = (of: (near: Near[]) => number, ...more: number[]) =>
      Math.min(...found.all.map(of), ...(any.length > 0 ? [Math.max(...found.any.map(of))] : []), ...more);
    const chain = sequence.length > 0 ? [chainOf(steps, withinSeconds)] : [];
    const nots = found.not.map((near) => 1 - greatest('relevance')(near));
    const distances = [...found.all, ...steps].map(nearest);
    const alternative = any.length > 0 ? [Math.min(...found.any.map(nearest))] : [];
    scored.push({
      id,
      score: least(greatest('score'), ...steps.map(greatest('score'))),
      relevance: least(greatest('relevance'), ...chain, ...nots),
      presence: least(greatest('relevance'), ...steps.map(greatest('relevance'))),
      distance: Math.max(...distances, ...alternative),
      moments: single
        ? momentsOf([...found.all, ...found.any][0] ?? [], relevant)
            .sort((x, y) => y.score - x.score)
            .filter((moment, i) => i === 0 || moment.relevance >= minRelevance)
            .map(({ start, score }) => ({ start, score }))
        : [],
    });
  }
  scored.sort((x, y) => x.distance - y.distance);
  const by = single ? 'score' : 'relevance';
  const result: ExpectedEdge[] = [];
  for (let from = 0; from < scored.length; from += 50) {
    const block = scored.slice(from, from + 50);
    if (minRelevance > 0 && block.every((video) => video.presence < minRelevance)) break;
    const matching = block.filter((video) => video.relevance >= minRelevance);
    result.push(...matching.sort((x, y) => y[by] - x[by] || (x.id < y.id ? -1 : 1)));
  }
  return result;
}

/** The clips that a text is scored against. */
async function nearClips(
  model: Library['model'],
  clips: DrawnVideo['clips'],
  text: string,
  relevant: number,
): Promise<Near[]> {
  const [query = new Float32Array()] = await model.encodeTexts([text]);
  const length = Math.hypot(...query);
  const { a, b } = model.card.relevance;
  const logits = await model.score([query], clips);
  const byDistance = clips
    .map(({ index, start, background, embedding }, i) => {
      const score = logits[i] as number;
      const relevance = 1 / (1 + Math.exp(-(a * (score - background) + b)));
      return { index, start, score, relevance, distance: -dot(query, embedding) / length };
    })
    .sort((x, y) => x.distance - y.distance);
  const four = byDistance.slice(0, 4);
  const many = four.length === 4 && four.every((clip) => clip.relevance >= relevant);
  return many ? byDistance.slice(0, 16) : four;
}

/** Of all ways to take a clip for each step, later ones for later steps, the best weakest one; 0 when there is none. */
function chainOf([clips = [], ...others]: Near[][], within: number, first?: Near, before?: Near): number {
  const fitting = clips.filter(
    (clip) => (!before || clip.start > before.start) && (!first || clip.start - first.start <= within),
  );
  const chains = fitting.map((clip) =>
    Math.min(
      clip.relevance,
      others.length > 0 ? chainOf(others, within, first ?? clip, clip) : Number.POSITIVE_INFINITY,
    ),
  );
  return Math.max(0, ...chains);
}

interface Near {
  distance: number;
  index: number;
  start: number;
  score: number;
  relevance: number;
}

/** Clips that belong together, by looking from each at whether the one before it is there and both match. */
function momentsOf(near: Near[], relevant: number) {
  const joined = (clip: Near) =>
    near.find(
      (other) => other.index === clip.index - 1 && other.relevance >= relevant && clip.relevance >= relevant,
    );
  const first = (clip: Near): Near => {
    const before = joined(clip);
    return before ? first(before) : clip;
  };
  return near
    .filter((clip) => !joined(clip))
    .map(({ start, index }) => {
      const clips = near.filter((clip) => first(clip).index === index);
      return {
        start,
        score: Math.max(...clips.map((clip) => clip.score)),
        relevance: Math.max(...clips.map((clip) => clip.relevance)),
      };
    });
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
}
