import { access } from 'node:fs/promises';
import type { Store } from '../store/store.ts';
import type { Video } from '../store/types.ts';
import type { UrlSigner } from './signed-urls.ts';

/** Where what belongs to a video is, as clients are told. */
export interface VideoUrls {
  /** Where it plays; null when its source is gone. */
  media(video: Video): Promise<string | null>;
  /** Where its poster is; null until it is made. */
  poster(video: Video): Promise<string | null>;
  /** Where its contact sheet is; null until it is made. */
  sheet(video: Video): Promise<string | null>;
}

/**
 * Paths without scheme and host are right behind any proxy, and under whatever name the server was reached.
 * @param origin what to put before them, for clients that need whole URLs
 * @param signer null: nothing needs to be signed
 */
export function createVideoUrls(store: Store, origin: string | null, signer: UrlSigner | null): VideoUrls {
  const urlOf = ({ id }: Video, what: string): string => {
    const path = `/videos/${id}/${what}`;
    return `${origin ?? ''}${signer ? signer.sign(path) : path}`;
  };
  return {
    media: async (video) => ((await store.videos.sourcePath(video)) === null ? null : urlOf(video, 'media')),
    poster: async (video) =>
      (await exists(store.pictures.poster(video.id))) ? urlOf(video, 'poster.webp') : null,
    sheet: async (video) => ((await exists(store.pictures.sheet(video))) ? urlOf(video, 'sheet.webp') : null),
  };
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
