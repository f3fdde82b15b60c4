import type { Library } from '../open-library.js';
import type { DrawnVideo } from './drawn-library.js';

export interface ExpectedEdge {
  id: string;
  score: number;
  relevance: number;
  /** Starts and scores. */
  moments: { start: number; score: number }[];
}

/**
 * A search as its definition says, with all of the library in memory: every clip scored, the videos cut into blocks of
 * 50 in the order of their nearest clip, each block in the order of its scores.
 */
export async function bruteForceSearch(
  { model }: Library,
  videos: DrawnVideo[],
  text: string,
  minRelevance: number,
): Promise<ExpectedEdge[]> {
  const [query = new Float32Array()] = await model.encodeTexts([text]);
  const { a, b, minRelevance: usual } = model.card.relevance;
  const relevant = Math.max(minRelevance, usual);
  const scored = [];
  for (const { id, clips } of videos) {
    const logits = await model.score([query], clips);
    const byDistance = clips
      .map(({ index, start, background, embedding }, i) => {
        const score = logits[i] as number;
        const relevance = 1 / (1 + Math.exp(-(a * (score - background) + b)));
        return { index, start, score, relevance, distance: -dot(query, embedding) };
      })
      .sort((x, y) => x.distance - y.distance);
    const four = byDistance.slice(0, 4);
    const many = four.length === 4 && four.every((clip) => clip.relevance >= relevant);
    const near = many ? byDistance.slice(0, 16) : four;
    scored.push({
      id,
      score: Math.max(...near.map((clip) => clip.score)),
      relevance: Math.max(...near.map((clip) => clip.relevance)),
      distance: byDistance[0]?.distance as number,
      moments: momentsOf(near, relevant)
        .sort((x, y) => y.score - x.score)
        .filter((moment, i) => i === 0 || moment.relevance >= minRelevance)
        .map(({ start, score }) => ({ start, score })),
    });
  }
  scored.sort((x, y) => x.distance - y.distance);
  const found: ExpectedEdge[] = [];
  for (let from = 0; from < scored.length; from += 50) {
    const block = scored.slice(from, from + 50).filter((video) => video.relevance >= minRelevance);
    if (block.length === 0 && minRelevance > 0) break;
    found.push(...block.sort((x, y) => y.score - x.score).map(({ distance, ...edge }) => edge));
  }
  return found;
}

interface Near {
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
