import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UNFINISHED } from './ingestion-row.ts';
import { namesIn, removeVideoFiles } from './library-files.ts';
import { discardVideo, type Library, removeFiles } from './remove-video.ts';
import { UPLOAD_ID } from './uploads.ts';
import { isUuid } from './uuid.ts';

/** How long an upload may lie untouched without an ingestion that refers to it, in ms. */
const UPLOAD_LIFE = 24 * 3_600_000;

/**
 * Removes what nothing refers to any more: what ingestions without success kept for 7 days, files whose rows are gone, uploads
 * abandoned for a day. Rows are always made before their files, so this is safe while others work.
 */
export async function sweep(library: Library): Promise<void> {
  await discardExpired(library);
  await sweepModels(library);
  await sweepVideoFiles(library);
  await sweepEditions(library);
  await sweepMedia(library);
  await sweepUploads(library);
  await sweepDownloads(library);
}

async function discardExpired(library: Library): Promise<void> {
  const { db, uploads, downloads } = library;
  const expired = await db.query<{ id: string; upload_id: string | null }>(
    `UPDATE ingestion SET video_id = NULL, kept_until = NULL WHERE kept_until <= now() RETURNING id, upload_id`,
  );
  for (const { id, upload_id } of expired) {
    if (upload_id) await uploads.removeUnused(upload_id);
    await downloads.removeUnused(id);
  }
  await db.query(
    `DELETE FROM next_clip WHERE recut IN (SELECT id FROM ingestion WHERE recuts AND NOT ${UNFINISHED})`,
  );
  const orphans = await db.query<{ id: string }>(
    `SELECT id FROM video v WHERE NOT EXISTS (SELECT FROM searchable s WHERE s.video_id = v.id)
       AND NOT EXISTS (SELECT FROM ingestion WHERE video_id = v.id AND ${UNFINISHED})`,
  );
  for (const { id } of orphans) {
    const sha256 = await db.transaction(async (tx) => {
      await tx.query('SELECT id FROM video WHERE id = $1 FOR UPDATE', [id]);
      return discardVideo(tx, id);
    });
    if (sha256) await removeFiles(library, id, sha256);
  }
}

async function sweepModels({ db, folders }: Library): Promise<void> {
  const names = await namesIn(folders.features);
  const known = await db.query<{ fingerprint: string }>(
    'SELECT fingerprint FROM model WHERE fingerprint = ANY ($1::text[])',
    [names],
  );
  const kept = new Set(known.map((model) => model.fingerprint));
  for (const name of names) {
    if (!kept.has(name)) await rm(join(folders.features, name), { recursive: true, force: true });
  }
}

async function sweepVideoFiles({ db, folders }: Library): Promise<void> {
  const named = new Set(await namesIn(folders.pictures));
  for (const model of await namesIn(folders.features)) {
    for (const name of await namesIn(join(folders.features, model))) named.add(name.replace(/\..*$/, ''));
  }
  const ids = [...named].filter(isUuid);
  const known = await db.query<{ id: string }>('SELECT id FROM video WHERE id = ANY ($1::uuid[])', [ids]);
  const kept = new Set(known.map((video) => video.id));
  for (const id of ids) if (!kept.has(id)) await removeVideoFiles(folders, id);
}

/** Features of editions that a video neither has nor is about to have. */
async function sweepEditions({ db, folders }: Library): Promise<void> {
  for (const model of await namesIn(folders.features)) {
    for (const name of await namesIn(join(folders.features, model))) {
      const id = name.replace(/\.editions$/, '');
      if (id === name || !isUuid(id)) continue;
      const [video] = await db.query<{ edition: number; next: boolean }>(
        `SELECT edition, EXISTS (SELECT FROM ingestion WHERE video_id = v.id AND recuts AND ${UNFINISHED}) AS next
         FROM video v WHERE id = $1`,
        [id],
      );
      for (const file of await namesIn(join(folders.features, model, name))) {
        const edition = Number.parseInt(file, 10);
        if (edition === video?.edition || (video?.next && edition === video.edition + 1)) continue;
        await rm(join(folders.features, model, name, file), { force: true });
      }
    }
  }
}

async function sweepMedia({ db, folders, media }: Library): Promise<void> {
  const names = await namesIn(folders.media);
  const known = await db.query<{ sha256: string }>(
    `SELECT sha256 FROM video WHERE source_kind = 'UPLOAD' AND sha256 = ANY ($1::text[])`,
    [names],
  );
  const kept = new Set(known.map((video) => video.sha256));
  for (const name of names) if (!kept.has(name)) await media.removeUnused(name);
}

async function sweepUploads({ folders, uploads }: Library): Promise<void> {
  for (const id of await abandonedUploads(folders.uploads)) {
    await rm(join(folders.uploads, id), { force: true });
    await rm(join(folders.uploads, `${id}.json`), { force: true });
  }
  for (const id of await abandonedUploads(join(folders.uploads, 'finished'))) await uploads.removeUnused(id);
}

async function sweepDownloads({ folders, downloads }: Library): Promise<void> {
  const ids = (await namesIn(folders.downloads)).map((name) => name.replace(/\..*$/, ''));
  for (const id of new Set(ids)) await downloads.removeUnused(id);
}

/** The uploads in a folder neither of whose two files was written to lately. */
async function abandonedUploads(folder: string): Promise<string[]> {
  const lastWrite = new Map<string, number>();
  for (const name of await namesIn(folder)) {
    const id = name.replace(/\.json$/, '');
    const found = await stat(join(folder, name)).catch(() => null);
    if (found && UPLOAD_ID.test(id)) lastWrite.set(id, Math.max(found.mtimeMs, lastWrite.get(id) ?? 0));
  }
  return [...lastWrite].filter(([, time]) => Date.now() - time > UPLOAD_LIFE).map(([id]) => id);
}
