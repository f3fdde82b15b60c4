import type { SearchParts } from '../parts.ts';
import type { Query } from '../query.ts';
import { type ScoredClip, type Scoring, scoreClips } from './score-clips.ts';
import type { MatchingClip } from './stretches.ts';

/** Clips of a video that are scored: its nearest ones. */
const NEAREST = 4;
/** So many when the nearest ones all match: the text may hold of a long part of the video. */
const NEAREST_OF_MANY = 16;
/** More clips than a video can have. */
const EVERY = 1_000_000;

/**
 * The clips of each video that are nearest to a text, with their scores, best first: 4 of them, 16 when those 4 are all
 * at least `relevant`. Videos deleted meanwhile are left out.
 */
export async function matchText(
  parts: SearchParts,
  query: Query,
  videoIds: string[],
  relevant: number,
  scoring: Scoring,
  signal?: AbortSignal,
): Promise<Map<string, MatchingClip[]>> {
  const { store, model } = parts;
  const nearest = (videoIds: string[], perVideo: number) =>
    store.clips.nearest({ model: model.fingerprint, query: query.unit, videoIds, perVideo });
  const depth = scoring.everyClip ? EVERY : NEAREST;
  const first = await scoreClips(parts, [query], await nearest(videoIds, depth), scoring, signal);
  const found = byVideo(first);
  const full = [...found].filter(
    ([, clips]) => clips.length === NEAREST && clips.every((clip) => clip.relevance >= relevant),
  );
  if (full.length > 0) {
    const known = new Set(first.map(nameOf));
    const more = await nearest(
      full.map(([videoId]) => videoId),
      NEAREST_OF_MANY,
    );
    const unscored = more.filter((clip) => !known.has(nameOf(clip)));
    const others = await scoreClips(parts, [query], unscored, scoring, signal);
    for (const [videoId, clips] of byVideo(others)) found.get(videoId)?.push(...clips);
  }
  for (const clips of found.values()) clips.sort((a, b) => b.logit - a.logit || a.index - b.index);
  return found;
}

const nameOf = ({ videoId, index }: { videoId: string; index: number }) => `${videoId}:${index}`;

function byVideo(clips: ScoredClip[]): Map<string, MatchingClip[]> {
  const videos = new Map<string, MatchingClip[]>();
  for (const { videoId, index, start, end, scores } of clips) {
    const [score] = scores;
    if (score) videos.set(videoId, [...(videos.get(videoId) ?? []), { index, start, end, ...score }]);
  }
  return videos;
}
