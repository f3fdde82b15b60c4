import { probe } from '../media/probe.ts';
import { LeaseLost } from '../store/lease.ts';
import type { Ingestion, Lease } from '../store/types.ts';
import { type EmbedParts, embedClips } from './embed-clips.ts';
import { sourceGone } from './given-file.ts';
import type { Progress } from './run-leased.ts';

/**
 * Embeds a stored video with another model of the library; its pictures, title and warnings stay. `'waiting'`: another
 * ingestion is at the video. Throws `SOURCE_GONE`, `LeaseLost`, and what embedding throws.
 */
export async function embedAgain(
  parts: EmbedParts,
  lease: Lease,
  { videoId }: Ingestion,
  report: (at: Progress) => void,
  signal: AbortSignal,
): Promise<'done' | 'waiting'> {
  const { store, model } = parts;
  report({ stage: 'probe', progress: 0 });
  if (!videoId) throw new LeaseLost();
  if (!(await store.videos.claimStored(lease, videoId))) return 'waiting';
  const video = await store.videos.get(videoId);
  if (!video) throw new LeaseLost();
  const path = await store.videos.sourcePath(video);
  if (!path) throw sourceGone();
  const probed = await probe(path, signal);
  const stored = await store.clips.of(video.id, model.fingerprint);
  const progress = (share: number) => report({ stage: 'embed', progress: share });
  const source = { video, path, probed, stored };
  const clips = await embedClips(parts, lease, source, { progress, draw: false }, signal);
  if (!(await store.videos.sourcePath(video))) throw sourceGone();
  signal.throwIfAborted();
  await store.videos.complete(lease, video.id, model.fingerprint, clips);
  return 'done';
}
