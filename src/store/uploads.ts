import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../db/database.ts';
import { UNFINISHED } from './ingestion-row.ts';
import { syncPath } from './library-files.ts';
import type { Media } from './media.ts';
import { sourcePath } from './source-path.ts';
import { findVideo } from './video-row.ts';

export interface Upload {
  path: string;
  /** File name as the client gave it. */
  name: string;
  /** Bytes. */
  size: number;
  complete: boolean;
}

/**
 * Uploads in `DATA_DIR/uploads`: while under way as the tus library's file store keeps them (`<id>`, `<id>.json`),
 * afterwards in `finished/`, out of reach of that library's expiry, which removes finished ones too.
 */
export interface Uploads {
  /** Where the tus library keeps uploads under way. */
  folder: string;
  /**
   * Where an upload's bytes are now: its own file, or its video's once it was taken into the library; null when there
   * is no such upload.
   */
  find(id: string): Promise<Upload | null>;
  /** Moves a complete upload to the finished ones; again does nothing. */
  finish(id: string, upload: { name: string; size: number }): Promise<void>;
  /** Removes it unless an ingestion has still to read it. */
  removeUnused(id: string): Promise<void>;
}

/** What the tus library names uploads: nothing that leads out of the folder. */
export const UPLOAD_ID = /^[0-9a-f-]{32,36}$/;

const DEFAULT_NAME = 'upload';

export function createUploads(db: Database, media: Media, folder: string): Uploads {
  const finished = join(folder, 'finished');

  /** The hook at an upload's end and whoever asks for it then may both want to finish it: the second joins. */
  const finishing = new Map<string, Promise<void>>();
  function finish(id: string, upload: { name: string; size: number }): Promise<void> {
    const moving = finishing.get(id) ?? move(id, upload).finally(() => finishing.delete(id));
    finishing.set(id, moving);
    return moving;
  }

  async function move(id: string, { name, size }: { name: string; size: number }): Promise<void> {
    if (await findFinished(id)) return;
    await mkdir(finished, { recursive: true });
    await writeFile(join(finished, `${id}.json`), JSON.stringify({ name, size }));
    await syncPath(join(folder, id));
    await rename(join(folder, id), join(finished, id));
    await syncPath(finished);
    await rm(join(folder, `${id}.json`), { force: true });
  }

  async function findFinished(id: string): Promise<Upload | null> {
    const path = join(finished, id);
    const record = await readRecord<{ name: string; size: number }>(`${path}.json`);
    return record && (await stat(path).catch(() => null)) ? { path, ...record, complete: true } : null;
  }

  async function findUnderWay(id: string): Promise<Upload | null> {
    const path = join(folder, id);
    const record = await readRecord<{ size?: number; metadata?: { filename?: string } }>(`${path}.json`);
    const found = await stat(path).catch(() => null);
    if (!record || !found) return null;
    const upload = { name: record.metadata?.filename ?? DEFAULT_NAME, size: found.size };
    if (record.size !== found.size) return { path, ...upload, complete: false };
    await finish(id, upload); // The process died between the last byte and this.
    return findFinished(id);
  }

  async function findInLibrary(id: string): Promise<Upload | null> {
    const video = await findVideo(
      db,
      'v.id = (SELECT video_id FROM ingestion WHERE upload_id = $1 AND video_id IS NOT NULL LIMIT 1)',
      id,
    );
    const path = video && (await sourcePath(media, video));
    if (!path) return null;
    const [ingestion] = await db.query<{ source_name: string }>(
      'SELECT source_name FROM ingestion WHERE upload_id = $1 LIMIT 1',
      [id],
    );
    const { size } = await stat(path);
    return { path, name: ingestion?.source_name ?? DEFAULT_NAME, size, complete: true };
  }

  return {
    folder,
    finish,
    async find(id) {
      if (!UPLOAD_ID.test(id)) return null;
      const own = (await findFinished(id)) ?? (await findUnderWay(id)) ?? (await findFinished(id)); // moved just now
      return own ?? findInLibrary(id);
    },
    async removeUnused(id) {
      const users = await db.query(`SELECT id FROM ingestion WHERE upload_id = $1 AND ${UNFINISHED}`, [id]);
      if (users.length > 0) return;
      await rm(join(finished, id), { force: true });
      await rm(join(finished, `${id}.json`), { force: true });
    },
  };
}

async function readRecord<T>(path: string): Promise<T | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  try {
    return text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null; // Cut short by a crash: the upload was not acknowledged.
  }
}
