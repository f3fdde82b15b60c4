import { ClipqlError } from '../errors.ts';
import { probe } from '../media/probe.ts';
import { LeaseLost } from '../store/lease.ts';
import type { Store } from '../store/store.ts';
import type { Ingestion, Lease } from '../store/types.ts';
import type { XClip } from '../xclip/xclip.ts';
import { embedClips } from './embed-clips.ts';
import type { IngestionStage } from './run-ingestion.ts';

/**
 * Embeds a stored video with another model of the library; its pictures, title and warnings stay. `'waiting'`: another
 * ingestion is at the video. Throws `SOURCE_GONE`, `LeaseLost`, and what embedding throws.
 */
export async function embedAgain(
  { store, model }: { store: Store; model: XClip },
  lease: Lease,
  { videoId }: Ingestion,
  report: (at: IngestionStage) => void,
  signal: AbortSignal,
): Promise<'done' | 'waiting'> {
  report({ stage: 'probe', progress: 0 });
  const video = videoId && (await store.videos.get(videoId));
  if (!video) throw new LeaseLost();
  if (!(await store.videos.claimStored(lease, video.id))) return 'waiting';
  const path = await store.videos.sourcePath(video);
  if (!path) throw gone();
  const probed = await probe(path, signal);
  const progress = (share: number) => report({ stage: 'embed', progress: share });
  const clips = await embedClips(
    { store, model },
    lease,
    { video, path, probed },
    { progress, draw: false },
    signal,
  );
  if (!(await store.videos.sourcePath(video))) throw gone();
  signal.throwIfAborted();
  await store.videos.complete(lease, video.id, model.fingerprint, clips);
  return 'done';
}

function gone(): ClipqlError {
  return new ClipqlError(
    'SOURCE_GONE',
    'The file is no longer where it was, or has changed. Ingest it again.',
  );
}
