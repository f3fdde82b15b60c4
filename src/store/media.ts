import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database, Queryable } from '../db/database.ts';
import { syncPath } from './library-files.ts';

/** The bytes of uploaded videos in `DATA_DIR/media/<sha256>`. */
export interface Media {
  path(sha256: string): string;
  /** Moves a file here and returns its new path; nothing to do when it is here already. */
  adopt(from: string, sha256: string): Promise<string>;
  /** Removes the file unless it is a video's source: the same bytes may have come again meanwhile. */
  removeUnused(sha256: string): Promise<void>;
}

export function createMedia(db: Database, folder: string): Media {
  const path = (sha256: string) => join(folder, sha256);
  return {
    path,
    async adopt(from, sha256) {
      const to = path(sha256);
      if (from === to) return to;
      await mkdir(folder, { recursive: true });
      await syncPath(from);
      await rename(from, to);
      await syncPath(folder);
      return to;
    },
    async removeUnused(sha256) {
      const there = await stat(path(sha256)).catch(() => null);
      if (!there) return;
      await db.transaction(async (tx) => {
        await lockBytes(tx, sha256);
        const videos = await tx.query(`SELECT id FROM video WHERE sha256 = $1 AND source_kind = 'UPLOAD'`, [
          sha256,
        ]);
        if (videos.length === 0) await rm(path(sha256), { force: true });
      });
    },
  };
}

/** Until the transaction ends, nobody else makes a video of these bytes or removes their file. */
export async function lockBytes(tx: Queryable, sha256: string): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [sha256]);
}
