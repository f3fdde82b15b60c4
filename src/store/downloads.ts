import { constants } from 'node:fs';
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../db/database.ts';
import { UNFINISHED } from './ingestion-row.ts';
import { namesIn, syncPath } from './library-files.ts';
import type { Media } from './media.ts';
import { sourcePath } from './source-path.ts';
import type { Lease } from './types.ts';
import { isUuid } from './uuid.ts';
import { findVideo } from './video-row.ts';

/** What ingestions fetched, in `DATA_DIR/downloads`: in a folder `<ingestion>.<worker>` under way, `<ingestion>` when complete. */
export interface Downloads {
  /** Where an ingestion's bytes are now: their own file, or its video's once they were taken into the library; else null. */
  find(ingestion: { id: string; videoId: string | null }): Promise<string | null>;
  /** The file to fetch into; beside it, too, may lie what a former attempt left. */
  begin(lease: Lease): Promise<string>;
  /** What `begin` gave is complete: it is synced, and found from now on. */
  finish(lease: Lease): Promise<void>;
  /** Removes what was fetched unless the ingestion has still to read it. */
  removeUnused(id: string): Promise<void>;
}

export function createDownloads(db: Database, media: Media, folder: string): Downloads {
  const complete = (id: string) => join(folder, id);
  const underWay = (lease: Lease) => join(folder, `${lease.id}.${lease.worker}`);
  const fileOf = (lease: Lease) => join(underWay(lease), 'file');
  const begunFor = async (id: string) =>
    (await namesIn(folder)).filter((name) => name.startsWith(`${id}.`)).map((name) => join(folder, name));

  return {
    async find({ id, videoId }) {
      if (await stat(complete(id)).catch(() => null)) return complete(id);
      const video = videoId && (await findVideo(db, 'v.id = $1', videoId));
      return video ? sourcePath(media, video) : null;
    },

    async begin(lease) {
      const mine = underWay(lease);
      // A copy, which costs nothing where the file system shares blocks: a stalled worker may still write into the other.
      const copy = { recursive: true, mode: constants.COPYFILE_FICLONE };
      for (const left of await begunFor(lease.id)) {
        await cp(left, mine, copy).catch(() => rm(mine, { recursive: true, force: true }));
        await rm(left, { recursive: true, force: true });
      }
      await mkdir(mine, { recursive: true });
      return fileOf(lease);
    },

    async finish(lease) {
      await syncPath(fileOf(lease));
      await rename(fileOf(lease), complete(lease.id));
      await syncPath(folder);
      await rm(underWay(lease), { recursive: true, force: true });
    },

    async removeUnused(id) {
      if (!isUuid(id)) return;
      const users = await db.query(`SELECT id FROM ingestion WHERE id = $1 AND ${UNFINISHED}`, [id]);
      if (users.length > 0) return;
      for (const path of [complete(id), ...(await begunFor(id))])
        await rm(path, { recursive: true, force: true });
    },
  };
}
