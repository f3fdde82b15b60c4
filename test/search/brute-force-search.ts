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
  const { a, b } = model.card.relevance;
  const scored = [];
  for (const { id, clips } of videos) {
    const logits = await model.score([query], clips);
    const near = clips
      .map((clip, i) => ({ clip, logit: logits[i] as number, distance: -dot(query, clip.embedding) }))
      .sort((x, y) => x.distance - y.distance)
      .slice(0, 4)
      .map(({ clip, logit, distance }) => {
        const relevance = 1 / (1 + Math.exp(-(a * (logit - clip.background) + b)));
        return { distance, start: clip.start, score: logit, relevance };
      });
    const best = near.reduce((x, y) => (y.score > x.score ? y : x));
    const moments = near.filter((clip) => clip === best || clip.relevance >= minRelevance);
    scored.push({
      ...{
        id,
        score: best.score,
        relevance: best.relevance,
        distance: Math.min(...near.map((n) => n.distance)),
      },
      moments: moments.sort((x, y) => y.score - x.score).map(({ start, score }) => ({ start, score })),
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

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
}
