import { access } from 'node:fs/promises';
import type { Store } from '../store/store.ts';
import type { Video } from '../store/types.ts';

// Paths without scheme and host: right behind any proxy, and under whatever name the server was reached.

/** Where a video plays; null when its source is gone. */
export const mediaUrl = async (store: Store, video: Video): Promise<string | null> =>
  (await store.videos.sourcePath(video)) === null ? null : `/videos/${video.id}/media`;

/** Where its poster is; null until it is made. */
export const posterUrl = (store: Store, video: Video): Promise<string | null> =>
  urlOfPicture(store.pictures.poster(video.id), `/videos/${video.id}/poster.webp`);

/** Where its contact sheet is; null until it is made. */
export const sheetUrl = (store: Store, video: Video): Promise<string | null> =>
  urlOfPicture(store.pictures.sheet(video), `/videos/${video.id}/sheet.webp`);

async function urlOfPicture(file: string, url: string): Promise<string | null> {
  return access(file).then(
    () => url,
    () => null,
  );
}
