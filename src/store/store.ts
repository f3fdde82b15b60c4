import type { Database } from '../db/database.ts';
import { type Clips, createClips } from './clips.ts';
import { createDownloads, type Downloads } from './downloads.ts';
import { createFeatures, type Features } from './features.ts';
import { createIngestions, type Ingestions } from './ingestions.ts';
import { createLabelSets, type LabelSets } from './label-sets.ts';
import { libraryFolders } from './library-files.ts';
import { createMedia, type Media } from './media.ts';
import { createModels, type Models } from './models.ts';
import { createPictures, type Pictures } from './pictures.ts';
import { createQueue, type Queue } from './queue.ts';
import { sweep } from './sweep.ts';
import { createUploads, type Uploads } from './uploads.ts';
import { keepVectorIndexes } from './vector-index.ts';
import { createVideos, type Videos } from './videos.ts';

/** The library: rows, and the files that belong to rows. Malformed ids behave like unknown ones. */
export interface Store {
  models: Models;
  videos: Videos;
  clips: Clips;
  ingestions: Ingestions;
  labelSets: LabelSets;
  queue: Queue;
  features: Features;
  media: Media;
  pictures: Pictures;
  uploads: Uploads;
  downloads: Downloads;
  /**
   * Removes files without rows, what ingestions without success kept for 7 days, and uploads abandoned for a day. For the
   * start, and now and then; safe while others work.
   */
  sweep(): Promise<void>;
  /** See `keepVectorIndexes`; the embedded database has none. */
  keepIndexes(signal: AbortSignal): Promise<void>;
}

/** The library in a database and the folders of `dataDir`, which are made when first needed. */
export function createStore(db: Database, dataDir: string): Store {
  const folders = libraryFolders(dataDir);
  const media = createMedia(db, folders.media);
  const uploads = createUploads(db, media, folders.uploads);
  const downloads = createDownloads(db, media, folders.downloads);
  const pictures = createPictures(folders.pictures);
  const library = { db, folders, media, uploads, downloads, pictures };
  return {
    models: createModels(library),
    videos: createVideos(library),
    clips: createClips(db),
    ingestions: createIngestions(library),
    labelSets: createLabelSets(db),
    queue: createQueue(library),
    features: createFeatures(folders.features),
    media,
    pictures,
    uploads,
    downloads,
    sweep: () => sweep(library),
    keepIndexes: async (signal) => {
      if (db.kind === 'server') await keepVectorIndexes(db, signal);
    },
  };
}
