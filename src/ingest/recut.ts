import { probe } from '../media/probe.ts';
import { findCuts } from '../media/scenes.ts';
import { LeaseLost } from '../store/lease.ts';
import type { Ingestion, Lease } from '../store/types.ts';
import { type EmbedParts, embedClips } from './embed-clips.ts';
import { sourceGone } from './given-file.ts';
import type { Progress } from './run-leased.ts';

/** Where embedding begins on the bar when scenes are looked for before. */
const SCENES_END = 0.25;

/**
 * Cuts a stored video into other clips and embeds them; searches go on with those it has until all are there. `'waiting'`:
 * another ingestion is at the video, or the library went over to another model meanwhile. Throws `SOURCE_GONE`,
 * `LeaseLost`, and what embedding throws.
 */
export async function recut(
  parts: EmbedParts,
  lease: Lease,
  { videoId, segmentation }: Ingestion,
  report: (at: Progress) => void,
  signal: AbortSignal,
): Promise<'done' | 'waiting'> {
  const { store, model } = parts;
  report({ stage: 'probe', progress: 0 });
  if (!videoId || !segmentation) throw new LeaseLost();
  if (!(await store.videos.claimStored(lease, videoId))) return 'waiting';
  const video = await store.videos.get(videoId);
  if (!video) throw new LeaseLost();
  const path = await store.videos.sourcePath(video);
  if (!path) throw sourceGone();
  const probed = await probe(path, signal);
  const cuts = segmentation.scenes ? (video.cuts ?? (await findScenes())) : null;

  const next = { ...video, segmentation, cuts, edition: video.edition + 1 };
  const stored = await store.clips.next(lease, videoId, model.fingerprint);
  const from = cuts ? SCENES_END : 0;
  const progress = (share: number) => report({ stage: 'embed', progress: from + share * (1 - from) });
  const source = { video: next, path, probed, stored };
  const clips = await embedClips(parts, lease, source, { progress, draw: true }, signal);
  if (!(await store.videos.sourcePath(video))) throw sourceGone();
  signal.throwIfAborted();
  if (!(await store.videos.switchEdition(lease, next, { model: model.fingerprint, clips }))) return 'waiting';
  await store.queue.succeed(lease, { duplicate: false, videoId });
  return 'done';

  function findScenes(): Promise<number[]> {
    const looking = (share: number) => report({ stage: 'scenes', progress: share * SCENES_END });
    looking(0);
    return findCuts(path as string, probed, looking, signal);
  }
}
