import { ClipqlError } from '../errors.ts';
import { probe } from '../media/probe.ts';
import type { Store } from '../store/store.ts';
import type { Ingestion, Lease, VideoSource } from '../store/types.ts';
import type { XClip } from '../xclip/xclip.ts';
import { titleOf } from './details.ts';
import { embedClips } from './embed-clips.ts';
import { hashFile } from './hash-file.ts';
import { checkFile } from './source.ts';

/** Where an ingestion is, for its row. */
export interface IngestionStage {
  stage: 'hash' | 'probe' | 'embed';
  /** 0 to 1, over all stages. */
  progress: number;
}

/** The share of the work that comes before the clips: reading the file once is quick beside embedding it. */
const BEFORE_CLIPS = 0.05;

/**
 * Takes a claimed ingestion from its source to a searchable video, or to the video that holds the same bytes.
 * Starting again after an interruption repeats only what is cheap. `'waiting'`: another ingestion is embedding the
 * same bytes; ask again later. Throws `LeaseLost`, a `ClipqlError` for the client, or the signal's reason.
 */
export async function runIngestion(
  parts: { store: Store; model: XClip },
  lease: Lease,
  ingestion: Ingestion,
  report: (at: IngestionStage) => void,
  signal: AbortSignal,
): Promise<'done' | 'waiting'> {
  const { store } = parts;
  report({ stage: 'hash', progress: 0 });
  const given = await givenFile(store, ingestion);
  const hashed = await hashFile(
    given,
    (share) => report({ stage: 'hash', progress: share * BEFORE_CLIPS }),
    signal,
  );
  const begun = ingestion.videoId && (await store.videos.get(ingestion.videoId));
  if (begun && begun.sha256 !== hashed.sha256) throw changed();

  report({ stage: 'probe', progress: BEFORE_CLIPS });
  const probed = await probe(given, signal);
  const { size, mtimeMs } = hashed;
  const source: VideoSource =
    ingestion.source.kind === 'PATH' ? { kind: 'PATH', path: given, size, mtimeMs } : { kind: 'UPLOAD' };
  const { duration, width, height, frameRate, warnings } = probed;
  const { outcome, video } = await store.videos.createFor(lease, {
    sha256: hashed.sha256,
    title: ingestion.title ?? titleOf(ingestion.source.name),
    tags: ingestion.tags,
    metadata: ingestion.metadata,
    ...{ duration, width, height, frameRate, warnings, source },
  });
  if (outcome === 'BUSY') return 'waiting';
  if (source.kind === 'UPLOAD' && video.source.kind === 'UPLOAD')
    await store.media.adopt(given, hashed.sha256);
  if (outcome === 'OURS') {
    report({ stage: 'embed', progress: BEFORE_CLIPS });
    const path = await store.videos.sourcePath(video);
    if (!path) throw changed();
    const progress = (share: number) =>
      report({ stage: 'embed', progress: BEFORE_CLIPS + share * (1 - BEFORE_CLIPS) });
    const source = { video, path, probed };
    const clips = await embedClips(parts, lease, source, { progress, draw: true }, signal);
    if (!(await store.videos.sourcePath(video))) throw changed();
    signal.throwIfAborted();
    await store.videos.complete(lease, video.id, parts.model.fingerprint, clips);
  }
  await store.ingestions.succeed(lease, { duplicate: outcome === 'SEARCHABLE', videoId: video.id });
  return 'done';
}

/** The file to read. It was checked when it was queued; since then it may have gone, or be another's. */
async function givenFile(store: Store, { source }: Ingestion): Promise<string> {
  if (source.kind === 'PATH') {
    await checkFile(source.path).catch((cause) => {
      throw new ClipqlError('SOURCE_GONE', 'The file is no longer where it was. Ingest it again.', { cause });
    });
    return source.path;
  }
  const upload = await store.uploads.find(source.uploadId);
  if (!upload) throw new ClipqlError('SOURCE_GONE', 'The upload is no longer there. Send the file again.');
  return upload.path;
}

function changed(): ClipqlError {
  return new ClipqlError('SOURCE_GONE', 'The file changed while it was ingested. Ingest it again.');
}
