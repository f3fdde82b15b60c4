import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { namesIn } from './library-files.ts';

/** Posters and contact sheets in `DATA_DIR/pictures/<video>/`. */
export interface Pictures {
  poster(videoId: string): string;
  /** Of one clip, or of the whole video, in an edition of it. */
  sheet(video: { id: string; edition: number }, clip?: number): string;
  /** Removes the contact sheets of an edition. */
  removeSheets(video: { id: string; edition: number }): Promise<void>;
  /** Writes one of the above whole or not at all. */
  write(path: string, picture: Uint8Array): Promise<void>;
}

export function createPictures(folder: string): Pictures {
  const sheetsOf = ({ id, edition }: { id: string; edition: number }) =>
    edition === 0 ? join(folder, id) : join(folder, id, `${edition}`);
  return {
    poster: (videoId) => join(folder, videoId, 'poster.webp'),
    sheet: (video, clip) => join(sheetsOf(video), clip === undefined ? 'sheet.webp' : `sheet-${clip}.webp`),
    async removeSheets(video) {
      for (const name of await namesIn(sheetsOf(video))) {
        if (name.startsWith('sheet')) await rm(join(sheetsOf(video), name), { force: true });
      }
    },
    async write(path, picture) {
      await mkdir(dirname(path), { recursive: true });
      const unfinished = `${path}.${process.pid}.tmp`;
      await writeFile(unfinished, picture);
      await rename(unfinished, path);
    },
  };
}
