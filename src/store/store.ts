import type { Database } from '../db/database.ts';
import type { Clips } from './clips.ts';
import type { Features } from './features.ts';
import type { Ingestions } from './ingestions.ts';
import type { Media } from './media.ts';
import type { Models } from './models.ts';
import type { Pictures } from './pictures.ts';
import type { Uploads } from './uploads.ts';
import type { Videos } from './videos.ts';

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

export declare function createStore(db: Database, dataDir: string): Store;
