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

/** Videos of a block. */
const BLOCK = 200;
/** So few are the last ones. */
const FEW = 50;

/**
 * A search as its definition says, with all of the library in memory: every clip scored, the videos cut into blocks of
 * 200 in the order of their distance, each block in its order. Of each video the 4 nearest clips count, beyond the first
 * those no farther than the block reaches; in the last block wherever they are.
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
  const texts = [...new Set([...all, ...any, ...not, ...sequence])];
  const near = new Map<string, Map<string, Near[]>>();
  for (const [i, query] of (await model.encodeTexts(texts)).entries()) {
    near.set(texts[i] as string, await nearClips(model, videos, query));
  }
  const scored = [];
  for (const { id } of videos) {
    const match = (some: string[]) => some.map((text) => near.get(text)?.get(id) ?? []);
    const found = { all: match(all), any: match(any), not: match(not) };
    const steps = match(sequence);
    const nearest = (clips: Near[]) => Math.min(...clips.map((clip) => clip.distance));
    const distances = [...found.all, ...steps].map(nearest);
    const alternative = any.length > 0 ? [Math.min(...found.any.map(nearest))] : [];
    scored.push({ id, ...found, steps, distance: Math.max(...distances, ...alternative) });
  }
  scored.sort((x, y) => x.distance - y.distance);
  const by = single ? 'score' : 'relevance';
  const result: ExpectedEdge[] = [];
  for (let from = 0; from < scored.length; from += BLOCK) {
    const block = scored.slice(from, from + BLOCK);
    const isLast = block.length <= FEW;
    const radius = isLast ? Infinity : Math.max(...block.map((video) => video.distance));
    const ranked = block.map(({ id, ...video }) => {
      const within = (lists: Near[][]) =>
        lists.map((clips) => clips.slice(0, 4).filter((clip, i) => i === 0 || clip.distance <= radius));
      const [must, may] = [within(video.all), within(video.any)];
      const steps = video.steps.map((clips) => clips.slice(0, 4));
      const greatest = (of: 'score' | 'relevance') => (near: Near[]) =>
        Math.max(...near.map((clip) => clip[of]));
      /** The least of what must hold, of which alternatives are one. */
      const least = (of: (near: Near[]) => number, ...more: number[]) =>
        Math.min(...must.map(of), ...(any.length > 0 ? [Math.max(...may.map(of))] : []), ...more);
      const chain = sequence.length > 0 ? [chainOf(steps, withinSeconds)] : [];
      const nots = video.not.map((clips) => 1 - greatest('relevance')(clips.slice(0, 4)));
      const [collected = []] = [...must, ...may];
      const many = collected.every((clip) => clip.relevance >= relevant);
      const [clips = []] = [...video.all, ...video.any];
      return {
        id,
        score: least(greatest('score'), ...steps.map(greatest('score'))),
        relevance: least(greatest('relevance'), ...chain, ...nots),
        presence: least(greatest('relevance'), ...steps.map(greatest('relevance'))),
        moments: single
          ? momentsOf(many ? clips.slice(0, 16) : collected, relevant)
              .sort((x, y) => y.score - x.score)
              .filter((moment, i) => i === 0 || moment.relevance >= minRelevance)
              .map(({ start, score }) => ({ start, score }))
          : [],
      };
    });
    if (minRelevance > 0 && ranked.every((video) => video.presence < minRelevance)) break;
    const matching = ranked.filter((video) => video.relevance >= minRelevance);
    result.push(...matching.sort((x, y) => y[by] - x[by] || (x.id < y.id ? -1 : 1)));
  }
  return result;
}

/** The clips of each video, nearest to the text first. */
async function nearClips(
  model: Library['model'],
  videos: DrawnVideo[],
  query: Float32Array,
): Promise<Map<string, Near[]>> {
  const length = Math.hypot(...query);
  const { a, b } = model.card.relevance;
  const clips = videos.flatMap((video) => video.clips);
  const logits = await model.score([query], clips);
  const found = new Map<string, Near[]>();
  for (const [i, { videoId, index, start, background, embedding }] of clips.entries()) {
    const score = logits[i] as number;
    const relevance = 1 / (1 + Math.exp(-(a * (score - background) + b)));
    const clip = { index, start, score, relevance, distance: -dot(query, embedding) / length };
    found.set(videoId, [...(found.get(videoId) ?? []), clip]);
  }
  for (const list of found.values()) list.sort((x, y) => x.distance - y.distance);
  return found;
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
