import type { Database, Queryable } from '../db/database.ts';
import { UNFINISHED } from './ingestion-row.ts';
import { type LibraryFolders, removeVideoFiles } from './library-files.ts';
import type { Media } from './media.ts';
import type { Uploads } from './uploads.ts';

/** What is needed to remove what belongs to a video. */
export interface Library {
  db: Database;
  folders: LibraryFolders;
  media: Media;
  uploads: Uploads;
}

/** Cancels the ingestions on a video and removes its rows, then its files. False when there is no such video. */
export async function deleteVideo(library: Library, id: string): Promise<boolean> {
  const removed = await library.db.transaction(async (tx) => {
    const [video] = await tx.query<{ sha256: string }>('SELECT sha256 FROM video WHERE id = $1 FOR UPDATE', [
      id,
    ]);
    if (!video) return null;
    await tx.query('DELETE FROM ingestion WHERE video_id = $1 AND model IS NOT NULL', [id]);
    const cancelled = await tx.query<{ upload_id: string | null }>(
      `UPDATE ingestion SET state = 'CANCELLED', finished_at = now(), worker = NULL, lease_until = NULL, stage = NULL
       WHERE video_id = $1 AND state IN ('QUEUED', 'RUNNING') RETURNING upload_id`,
      [id],
    );
    await tx.query('DELETE FROM video WHERE id = $1', [id]);
    return { ...video, uploads: cancelled.map((ingestion) => ingestion.upload_id) };
  });
  if (!removed) return false;
  await removeFiles(library, id, removed.sha256);
  for (const upload of removed.uploads) if (upload) await library.uploads.removeUnused(upload);
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
