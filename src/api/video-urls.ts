import { access } from 'node:fs/promises';
import type { Store } from '../store/store.ts';
import type { Video } from '../store/types.ts';

// Paths without scheme and host: right behind any proxy, and under whatever name the server was reached.

const urlOf = async (file: string | null, url: string): Promise<string | null> => {
  if (file === null) return null;
  const there = await access(file).then(
    () => true,
    () => false,
  );
  return there ? url : null;
};

/** Where a video plays; null when its source is gone. */
export const mediaUrl = async (store: Store, video: Video): Promise<string | null> =>
  urlOf(await store.videos.sourcePath(video), `/videos/${video.id}/media`);

/** Where its poster is; null until it is made. */
export const posterUrl = (store: Store, video: Video): Promise<string | null> =>
  urlOf(store.pictures.poster(video.id), `/videos/${video.id}/poster.webp`);

/** Where its contact sheet is; null until it is made. */
export const sheetUrl = (store: Store, video: Video): Promise<string | null> =>
  urlOf(store.pictures.sheet(video.id), `/videos/${video.id}/sheet.webp`);
