import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeaturesForm } from '../xclip/xclip.ts';

/** The folders of DATA_DIR that hold what belongs to rows. */
export interface LibraryFolders {
  /** `<ingestion>`, and folders `<ingestion>.<worker>` under way */
  downloads: string;
  /** `<model>/<video>` and `<model>/<video>.<form>`; of a video cut anew `<model>/<video>.editions/<edition>` likewise */
  features: string;
  /** `<sha256>` */
  media: string;
  /** `<video>/` */
  pictures: string;
  /** `<id>` and `<id>.json` under way, `finished/` likewise. */
  uploads: string;
}

export function libraryFolders(dataDir: string): LibraryFolders {
  return {
    downloads: join(dataDir, 'downloads'),
    features: join(dataDir, 'features'),
    media: join(dataDir, 'media'),
    pictures: join(dataDir, 'pictures'),
    uploads: join(dataDir, 'uploads'),
  };
}

/** Removes the files that are named by a video's id: of all models its features, and its pictures. */
export async function removeVideoFiles(folders: LibraryFolders, videoId: string): Promise<void> {
  await rm(join(folders.pictures, videoId), { recursive: true, force: true });
  await removeFeatures(folders, videoId, 0);
  for (const model of await namesIn(folders.features)) {
    await rm(join(folders.features, model, editionsFolder(videoId)), { recursive: true, force: true });
  }
}

/** Removes the features of an edition of a video, of all models. */
export async function removeFeatures(
  folders: LibraryFolders,
  videoId: string,
  edition: number,
): Promise<void> {
  for (const model of await namesIn(folders.features)) {
    for (const form of ['fp32', 'fp16', 'int8'] as const) {
      await rm(join(folders.features, model, featuresFile(videoId, edition, form)), { force: true });
    }
  }
}

/** Where the patch features of an edition of a video lie in a form, within the folder of a model. */
export function featuresFile(videoId: string, edition: number, form: FeaturesForm): string {
  const name = edition === 0 ? videoId : join(editionsFolder(videoId), `${edition}`);
  return form === 'fp16' ? name : `${name}.${form}`;
}

/** Holds the features of all editions of a video but the first. */
export const editionsFolder = (videoId: string): string => `${videoId}.editions`;

/** The names in a folder; none when it does not exist. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** Makes a file's contents, or a folder's entries, survive a power cut. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
