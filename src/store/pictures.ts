import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Posters and contact sheets in `DATA_DIR/pictures/<video>/`. */
export interface Pictures {
  poster(videoId: string): string;
  /** Of one clip, or of the whole video. */
  sheet(videoId: string, clip?: number): string;
  /** Writes one of the above whole or not at all. */
  write(path: string, picture: Uint8Array): Promise<void>;
}

export function createPictures(folder: string): Pictures {
  return {
    poster: (videoId) => join(folder, videoId, 'poster.webp'),
    sheet: (videoId, clip) => join(folder, videoId, clip === undefined ? 'sheet.webp' : `sheet-${clip}.webp`),
    async write(path, picture) {
      await mkdir(dirname(path), { recursive: true });
      const unfinished = `${path}.${process.pid}.tmp`;
      await writeFile(unfinished, picture);
      await rename(unfinished, path);
    },
  };
}
