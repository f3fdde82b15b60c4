import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeaturesForm } from '../xclip/xclip.ts';

/** The folders of DATA_DIR that hold what belongs to rows. */
export interface LibraryFolders {
  /** `<model>/<video>` and `<model>/<video>.<form>` */
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
    features: join(dataDir, 'features'),
    media: join(dataDir, 'media'),
    pictures: join(dataDir, 'pictures'),
    uploads: join(dataDir, 'uploads'),
  };
}

/** Removes the files that are named by a video's id: of all models its features, and its pictures. */
export async function removeVideoFiles(folders: LibraryFolders, videoId: string): Promise<void> {
  await rm(join(folders.pictures, videoId), { recursive: true, force: true });
  for (const model of await namesIn(folders.features)) {
    for (const form of ['fp32', 'fp16', 'int8'] as const) {
      await rm(join(folders.features, model, featuresFile(videoId, form)), { force: true });
    }
  }
}

/** The name of the file with a video's patch features in a form. */
export function featuresFile(videoId: string, form: FeaturesForm): string {
  return form === 'fp16' ? videoId : `${videoId}.${form}`;
}

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
