import type { Database } from '../db/database.ts';
import { type Clips, createClips } from './clips.ts';
import { createFeatures, type Features } from './features.ts';
import { createIngestions, type Ingestions } from './ingestions.ts';
import { libraryFolders } from './library-files.ts';
import { createMedia, type Media } from './media.ts';
import { createModels, type Models } from './models.ts';
import { createPictures, type Pictures } from './pictures.ts';
import { sweep } from './sweep.ts';
import { createUploads, type Uploads } from './uploads.ts';
import { createVideos, type Videos } from './videos.ts';

/** The library: rows, and the files that belong to rows. Malformed ids behave like unknown ones. */
export interface Store {
  models: Models;
  videos: Videos;
  clips: Clips;
  ingestions: Ingestions;
  features: Features;
  media: Media;
  pictures: Pictures;
  uploads: Uploads;
  /**
   * Removes files without rows, what failed ingestions kept for 7 days, and uploads abandoned for a day. For the
   * start, and now and then; safe while others work.
   */
  sweep(): Promise<void>;
}

/** The library in a database and the folders of `dataDir`, which are made when first needed. */
export function createStore(db: Database, dataDir: string): Store {
  const folders = libraryFolders(dataDir);
  const media = createMedia(db, folders.media);
  const uploads = createUploads(db, media, folders.uploads);
  const library = { db, folders, media, uploads };
  return {
    models: createModels(library),
    videos: createVideos(library),
    clips: createClips(db),
    ingestions: createIngestions(library),
    features: createFeatures(folders.features),
    media,
    pictures: createPictures(folders.pictures),
    uploads,
    sweep: () => sweep(library),
  };
}
