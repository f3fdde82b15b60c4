import { currentBackgrounds } from './current-backgrounds.ts';
import type { SearchParts } from './parts.ts';
import type { Query } from './query.ts';
import { relevance } from './relevance.ts';
import { withFeatures } from './with-features.ts';

/** Clips of a video that are scored exactly: its nearest ones. */
const CLIPS_PER_VIDEO = 4;

/** A clip that matches the text, in seconds. */
export interface Moment {
  start: number;
  end: number;
  /** Its logit. */
  score: number;
}

export interface RankedVideo {
  videoId: string;
  /** The largest logit among its collected clips. */
  score: number;
  /** Of the clip with that logit, 0 to 1. */
  relevance: number;
  /** The collected clips at least `minRelevance` relevant, but always the best one; highest score first. */
  moments: Moment[];
  /** Whether a collected clip was scored without its patch features, because none are kept. */
  approximate: boolean;
}

/** Scores the nearest clips of each video exactly and orders the videos by (score descending, id). */
export async function rankBlock(
  parts: SearchParts,
  query: Query,
  videoIds: string[],
  minRelevance: number,
  signal?: AbortSignal,
): Promise<RankedVideo[]> {
  if (videoIds.length === 0) return [];
  const { store, model } = parts;
  const request = { model: model.fingerprint, query: query.unit, videoIds, perVideo: CLIPS_PER_VIDEO };
  const nearest = await currentBackgrounds(parts, await store.clips.nearest(request), signal);
  const { clips, result: logits } = await withFeatures(
    parts,
    nearest,
    (located) => model.score([query.embedding], located, signal),
    signal,
  );
  const scored = clips.map((clip, i) => {
    const logit = logits[i] ?? Number.NaN;
    return { ...clip, score: logit, relevance: relevance(model.card, logit, clip.background) };
  });
  const byVideo = new Map<string, typeof scored>();
  for (const clip of scored) byVideo.set(clip.videoId, [...(byVideo.get(clip.videoId) ?? []), clip]);
  const ranked = [...byVideo].flatMap(([videoId, clips]) => {
    const [best, ...others] = clips.sort((a, b) => b.score - a.score || a.index - b.index);
    if (!best) return [];
    const moments = [best, ...others.filter((clip) => clip.relevance >= minRelevance)];
    const { score, relevance } = best;
    const approximate = clips.some((clip) => clip.features === 'none');
    return { videoId, score, relevance, moments: moments.map(moment), approximate };
  });
  return ranked.sort((a, b) => b.score - a.score || (a.videoId < b.videoId ? -1 : 1));
}

function moment({ start, end, score }: Moment): Moment {
  return { start, end, score };
}
