import { noVideo } from '../errors.ts';
import type { Clip, Video } from '../store/types.ts';
import { checkText } from './check-text.ts';
import { clipsOfVideo } from './clips-of-video.ts';
import type { SearchParts } from './parts.ts';
import { embedQuery } from './query.ts';
import { scoreClips, type TextScore } from './ranking/score-clips.ts';
import { newTally } from './ranking/tally.ts';
import { dot } from './vectors.ts';

/** How a text fits one clip of a video. */
export interface ClipExplanation extends Clip, TextScore {
  /** Of the text's and the clip's embedding: what stage one of a search orders by. */
  cosine: number;
  /** What the logit is measured against: the log-sum-exp of the clip's logits over the model's background texts. */
  background: number;
}

export interface Explanation {
  video: Video;
  /** In order of time. */
  clips: ClipExplanation[];
  /** Whether a clip was scored without its patch features, because none are kept. */
  approximate: boolean;
}

/**
 * How a text fits every clip of a video that overlaps `[start, end)` (seconds). Throws `BAD_USER_INPUT`, `NOT_FOUND`,
 * `VIDEO_NOT_READY`.
 */
export async function explainVideo(
  parts: SearchParts,
  {
    id,
    text,
    ...part
  }: { id: string; text: string; start?: number | null | undefined; end?: number | null | undefined },
  signal?: AbortSignal,
): Promise<Explanation> {
  const checked = checkText(text, '`text`');
  const { video, clips } = await clipsOfVideo(parts, id, part);
  const query = await embedQuery(parts.model, checked, signal);
  const tally = newTally();
  const scored = await scoreClips(parts, [query.embedding], clips, { exact: true, tally }, signal);
  if (scored.length === 0) throw noVideo(); // Deleted meanwhile.
  return {
    video,
    approximate: tally.approximate,
    clips: scored.flatMap(({ index, start, end, background, embedding, scores: [score] }) =>
      score ? [{ index, start, end, ...score, background, cosine: dot(query.unit, embedding) }] : [],
    ),
  };
}
