import { ClipqlError } from '../errors.ts';
import { type Probe, probe } from '../media/probe.ts';
import { findCuts } from '../media/scenes.ts';
import { DEFAULT_SEGMENTATION } from '../media/windows.ts';
import type { Store } from '../store/store.ts';
import type { Ingestion, Lease, Video, VideoSource } from '../store/types.ts';
import { titleOf } from './details.ts';
import { type EmbedParts, embedClips } from './embed-clips.ts';
import { DOWNLOAD_SHARE } from './fetch-source.ts';
import { givenFile } from './given-file.ts';
import { type HashedFile, hashFile } from './hash-file.ts';
import type { Progress } from './run-leased.ts';

/** Where the stages begin on the bar: reading the file once is quick beside embedding it, looking for scenes less so. */
const PROBE = 0.05;
const SCENES_END = 0.3;

/**
 * Takes a claimed ingestion, whose bytes are here, to a searchable video, or to the video that holds the same bytes.
 * Starting again after an interruption repeats only what is cheap. `'waiting'`: another ingestion is embedding the
 * same bytes; ask again later. Throws `LeaseLost`, a `ClipqlError` for the client, or the signal's reason.
 */
export async function runIngestion(
  parts: EmbedParts,
  lease: Lease,
  ingestion: Ingestion,
  reportAll: (at: Progress) => void,
  signal: AbortSignal,
): Promise<'done' | 'duplicate' | 'waiting'> {
  const { store, model } = parts;
  const begin = ingestion.source.kind === 'URL' ? DOWNLOAD_SHARE : 0;
  const report = (stage: Progress['stage'], share: number) =>
    reportAll({ stage, progress: begin + share * (1 - begin) });

  report('hash', 0);
  const given = await givenFile(store, ingestion);
  const hashed = await hashFile(given, (share) => report('hash', share * PROBE), signal);
  // What a URL holds may change: then it is another video.
  const begun = ingestion.videoId && (await store.videos.get(ingestion.videoId));
  if (begun && begun.sha256 !== hashed.sha256 && ingestion.source.kind !== 'URL') throw changed();

  report('probe', PROBE);
  const probed = await probe(given, signal);
  const claim = await store.videos.createFor(lease, newVideo(ingestion, given, hashed, probed));
  if (claim.outcome === 'BUSY') return 'waiting';
  const { video } = claim;
  await warnOfSegmentation(store, lease, ingestion, video);
  if (ingestion.source.kind !== 'PATH' && video.source.kind === 'UPLOAD')
    await store.media.adopt(given, hashed.sha256);
  if (claim.outcome === 'OURS') {
    const path = await store.videos.sourcePath(video);
    if (!path) throw changed();
    const cuts = await cutsOf(path);
    const from = cuts ? SCENES_END : PROBE;
    report('embed', from);
    const progress = (share: number) => report('embed', from + share * (1 - from));
    const stored = await store.clips.of(video.id, model.fingerprint);
    const source = { video: { ...video, cuts }, path, probed, stored };
    const clips = await embedClips(parts, lease, source, { progress, draw: true }, signal);
    if (!(await store.videos.sourcePath(video))) throw changed();
    signal.throwIfAborted();
    await store.videos.complete(lease, video.id, model.fingerprint, clips);
  }
  const duplicate = claim.outcome === 'SEARCHABLE';
  await store.queue.succeed(lease, { duplicate, videoId: video.id });
  return duplicate ? 'duplicate' : 'done';

  async function cutsOf(path: string): Promise<number[] | null> {
    if (!video.segmentation.scenes || video.cuts) return video.cuts;
    report('scenes', PROBE);
    const progress = (share: number) => report('scenes', PROBE + share * (SCENES_END - PROBE));
    const cuts = await findCuts(path, probed, progress, signal);
    await store.videos.setCuts(lease, video.id, cuts);
    return cuts;
  }
}

function newVideo(ingestion: Ingestion, path: string, { sha256, size, mtimeMs }: HashedFile, probed: Probe) {
  const { duration, width, height, frameRate, warnings } = probed;
  const source: VideoSource =
    ingestion.source.kind === 'PATH' ? { kind: 'PATH', path, size, mtimeMs } : { kind: 'UPLOAD' };
  return {
    sha256,
    title: ingestion.title ?? titleOf(ingestion.source.name),
    tags: ingestion.tags,
    metadata: ingestion.metadata,
    segmentation: ingestion.segmentation ?? DEFAULT_SEGMENTATION,
    ...{ duration, width, height, frameRate, warnings, source },
  };
}

/** The clips of a known video stay as they are. */
async function warnOfSegmentation(
  store: Store,
  lease: Lease,
  { segmentation: asked }: Ingestion,
  video: Video,
) {
  const { clipSeconds, overlap, scenes } = video.segmentation;
  if (!asked) return;
  if (asked.clipSeconds === clipSeconds && asked.overlap === overlap && asked.scenes === scenes) return;
  await store.queue.warn(lease, {
    code: 'SEGMENTATION_KEPT',
    message: 'This video is known and keeps its clips as they are. `resegmentVideo` cuts it anew.',
  });
}

function changed(): ClipqlError {
  return new ClipqlError('SOURCE_GONE', 'The file changed while it was ingested. Ingest it again.');
}
