import type { Queryable } from '../db/database.ts';
import { queueEmbedding } from './embedding-jobs.ts';
import { holdLease, LeaseLost } from './lease.ts';
import { lockBytes, type Media } from './media.ts';
import { keepModels } from './model-lock.ts';
import { sourcePath } from './source-path.ts';
import type { Lease, Video, VideoSource } from './types.ts';
import { foldTitle } from './video-filter.ts';
import { findVideo, sourceColumns } from './video-row.ts';

/** What is known of a video before it has a row. */
export type NewVideo = Omit<Video, 'id' | 'createdAt' | 'searchable' | 'cuts' | 'edition'>;

/**
 * Who embeds the video of some bytes:
 * `OURS`: this ingestion does, the clips missing in `clips.of`, and then calls `videos.complete`;
 * `SEARCHABLE`: it is done: end as a duplicate;
 * `BUSY`: another running ingestion does: release ours with a delay and ask again then.
 */
export interface VideoClaim {
  outcome: 'OURS' | 'SEARCHABLE' | 'BUSY';
  video: Video;
}

/** Finds or makes the video of these bytes for an ingestion. One transaction; see `Videos.createFor`. */
export async function claimVideo(
  tx: Queryable,
  media: Media,
  lease: Lease,
  video: NewVideo,
): Promise<VideoClaim> {
  await keepModels(tx);
  await lockBytes(tx, video.sha256);
  const [known] = await tx.query<{ id: string }>('SELECT id FROM video WHERE sha256 = $1 FOR UPDATE', [
    video.sha256,
  ]);
  await holdLease(tx, lease);
  const id = known?.id ?? (await insertVideo(tx, video));
  await tx.query('UPDATE ingestion SET video_id = $2 WHERE id = $1', [lease.id, id]);

  const outcome = await outcomeFor(tx, id, lease);
  if (outcome === 'OURS') await tx.query('UPDATE video SET embedded_by = $2 WHERE id = $1', [id, lease.id]);
  if (outcome !== 'BUSY') await replaceLostSource(tx, media, await read(tx, id), video.source);
  // Its source may have been what another model lacked.
  if (outcome === 'SEARCHABLE') await queueEmbedding(tx, { videoId: id });
  return { outcome, video: await read(tx, id) };
}

async function insertVideo(tx: Queryable, video: NewVideo): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `INSERT INTO video (sha256, title, title_folded, tags, metadata, duration, width, height, frame_rate, warnings,
       segmentation, source_kind, source_path, source_size, source_mtime)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING id`,
    [
      video.sha256,
      video.title,
      foldTitle(video.title),
      video.tags,
      JSON.stringify(video.metadata),
      video.duration,
      video.width,
      video.height,
      video.frameRate,
      JSON.stringify(video.warnings),
      JSON.stringify(video.segmentation),
      ...sourceColumns(video.source),
    ],
  );
  if (!row) throw new Error('The new video has no row.');
  return row.id;
}

/** Makes this ingestion the one that embeds a stored video. False: another running one is at it. */
export async function claimStored(tx: Queryable, lease: Lease, videoId: string): Promise<boolean> {
  const [video] = await tx.query('SELECT id FROM video WHERE id = $1 FOR UPDATE', [videoId]);
  await holdLease(tx, lease);
  if (!video) throw new LeaseLost();
  if (await isBusy(tx, videoId, lease)) return false;
  await tx.query('UPDATE video SET embedded_by = $2 WHERE id = $1', [videoId, lease.id]);
  await tx.query('DELETE FROM next_clip WHERE video_id = $1 AND recut <> $2', [videoId, lease.id]);
  return true;
}

async function outcomeFor(tx: Queryable, videoId: string, lease: Lease): Promise<VideoClaim['outcome']> {
  if ((await read(tx, videoId)).searchable) return 'SEARCHABLE';
  return (await isBusy(tx, videoId, lease)) ? 'BUSY' : 'OURS';
}

/** Whether another running ingestion embeds the video. */
async function isBusy(tx: Queryable, videoId: string, lease: Lease): Promise<boolean> {
  const others = await tx.query(
    `SELECT i.id FROM video v JOIN ingestion i ON i.id = v.embedded_by
     WHERE v.id = $1 AND i.id <> $2 AND i.state = 'RUNNING' AND i.lease_until > now()`,
    [videoId, lease.id],
  );
  return others.length > 0;
}

async function replaceLostSource(
  tx: Queryable,
  media: Media,
  video: Video,
  source: VideoSource,
): Promise<void> {
  if (await sourcePath(media, video)) return;
  await tx.query(
    'UPDATE video SET source_kind = $2, source_path = $3, source_size = $4, source_mtime = $5 WHERE id = $1',
    [video.id, ...sourceColumns(source)],
  );
}

async function read(tx: Queryable, id: string): Promise<Video> {
  const video = await findVideo(tx, 'v.id = $1', id);
  if (!video) throw new Error('A locked video has vanished.');
  return video;
}
