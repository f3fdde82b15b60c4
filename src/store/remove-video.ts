import type { Database, Queryable } from '../db/database.ts';
import type { Downloads } from './downloads.ts';
import { UNFINISHED } from './ingestion-row.ts';
import { type LibraryFolders, removeVideoFiles } from './library-files.ts';
import type { Media } from './media.ts';
import type { Pictures } from './pictures.ts';
import type { Uploads } from './uploads.ts';

/** What is needed to remove what belongs to a video. */
export interface Library {
  db: Database;
  folders: LibraryFolders;
  media: Media;
  uploads: Uploads;
  downloads: Downloads;
  pictures: Pictures;
}

/** Cancels the ingestions on a video and removes its rows, then its files. False when there is no such video. */
export async function deleteVideo(library: Library, id: string): Promise<boolean> {
  const removed = await library.db.transaction(async (tx) => {
    const [video] = await tx.query<{ sha256: string }>('SELECT sha256 FROM video WHERE id = $1 FOR UPDATE', [
      id,
    ]);
    if (!video) return null;
    await tx.query('DELETE FROM ingestion WHERE video_id = $1 AND model IS NOT NULL', [id]);
    // What they keep for a retry goes with the video.
    const left = await tx.query<{ id: string; upload_id: string | null }>(
      `UPDATE ingestion SET kept_until = NULL, worker = NULL, lease_until = NULL, stage = NULL,
         finished_at = coalesce(finished_at, now()),
         state = CASE WHEN state IN ('QUEUED', 'RUNNING') THEN 'CANCELLED' ELSE state END
       WHERE video_id = $1 AND (state IN ('QUEUED', 'RUNNING') OR kept_until IS NOT NULL) RETURNING id, upload_id`,
      [id],
    );
    await tx.query('DELETE FROM video WHERE id = $1', [id]);
    return { ...video, left };
  });
  if (!removed) return false;
  await removeFiles(library, id, removed.sha256);
  for (const { id, upload_id } of removed.left) {
    await library.downloads.removeUnused(id);
    if (upload_id) await library.uploads.removeUnused(upload_id);
  }
  return true;
}

/**
 * Removes the rows of a video that is not searchable and that no unfinished ingestion is on. The caller has locked
 * the video's row, and removes the files (`removeFiles`) after the commit. The SHA-256 of what was removed, or null.
 */
export async function discardVideo(tx: Queryable, id: string): Promise<string | null> {
  const [removed] = await tx.query<{ sha256: string }>(
    `DELETE FROM video v WHERE v.id = $1
       AND NOT EXISTS (SELECT FROM searchable s WHERE s.video_id = v.id)
       AND NOT EXISTS (SELECT FROM ingestion WHERE video_id = v.id AND ${UNFINISHED})
     RETURNING sha256`,
    [id],
  );
  return removed?.sha256 ?? null;
}

/** Removes the files of a video whose rows are gone. What a crash leaves of them, `sweep` removes. */
export async function removeFiles({ folders, media }: Library, id: string, sha256: string): Promise<void> {
  await removeVideoFiles(folders, id);
  await media.removeUnused(sha256);
}
