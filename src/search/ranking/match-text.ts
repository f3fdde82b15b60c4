import type { SearchParts } from '../parts.ts';
import type { Query } from '../query.ts';
import { type ScoredClip, type Scoring, scoreClips } from './score-clips.ts';
import type { MatchingClip } from './stretches.ts';

/** Clips of a video that a text is scored against: its nearest ones. */
const NEAREST = 4;
/** More clips than a video can have. */
const EVERY = 1_000_000;

/** Which clips of a video. */
export interface Depth {
  /** At most so many, the nearest. */
  clips: number;
  /** But for the nearest one none farther than this. */
  within?: number;
  /** What was scored before is not scored again. */
  known?: Map<string, MatchingClip[]>;
}

/** The nearest 4 clips, or every one. */
export const usualDepth = ({ everyClip }: Scoring): Depth => ({ clips: everyClip ? EVERY : NEAREST });

/** Clips of each video with the scores of a text, best first. Videos deleted meanwhile are left out. */
export async function matchText(
  parts: SearchParts,
  query: Query,
  videoIds: string[],
  { clips, within, known }: Depth,
  scoring: Scoring,
  signal?: AbortSignal,
): Promise<Map<string, MatchingClip[]>> {
  const { store, model } = parts;
  const request = { model: model.fingerprint, query: query.unit, videoIds, perVideo: clips, within };
  const nearest = videoIds.length > 0 ? await store.clips.nearest(request) : [];
  const unknown = nearest.filter(
    ({ videoId, index }) => !known?.get(videoId)?.some((clip) => clip.index === index),
  );
  const found = byVideo(await scoreClips(parts, [query.embedding], unknown, scoring, signal));
  for (const [videoId, clips] of known ?? []) found.set(videoId, [...clips, ...(found.get(videoId) ?? [])]);
  for (const clips of found.values()) clips.sort((a, b) => b.logit - a.logit || a.index - b.index);
  return found;
}

function byVideo(clips: ScoredClip[]): Map<string, MatchingClip[]> {
  const videos = new Map<string, MatchingClip[]>();
  for (const { videoId, index, start, end, scores } of clips) {
    const [score] = scores;
    if (!score) continue;
    const known = videos.get(videoId);
    const clip = { index, start, end, ...score };
    if (known) known.push(clip);
    else videos.set(videoId, [clip]);
  }
  return videos;
}
