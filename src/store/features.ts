import { constants, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FeaturesForm } from '../xclip/xclip.ts';
import { featuresFile, syncPath } from './library-files.ts';

/** Whose patch features, and in which form. */
export interface FeaturesKey {
  model: string;
  videoId: string;
  edition: number;
  index: number;
  form: FeaturesForm;
}

/**
 * Patch features in `DATA_DIR/features/<model>`: a file for each video, edition and form (see `featuresFile`), clip k at
 * k times the bytes of a clip.
 */
export interface Features {
  /** Writes and syncs the features of one clip; `none` leaves no file. */
  write(key: FeaturesKey, bytes: Uint8Array): Promise<void>;
  /** Where a clip's features lie, given the bytes of one clip's; `offset` in bytes. */
  location(key: FeaturesKey, bytes: number): { path: string; offset: number };
}

export function createFeatures(folder: string): Features {
  function location({ model, videoId, edition, index, form }: FeaturesKey, bytes: number) {
    return { path: join(folder, model, featuresFile(videoId, edition, form)), offset: index * bytes };
  }

  return {
    location,
    async write(key, bytes) {
      if (key.form === 'none') return;
      const { path, offset } = location(key, bytes.length);
      await mkdir(dirname(path), { recursive: true });
      // Made when missing, never cut: other clips of the video are in it.
      const file = await open(path, constants.O_RDWR | constants.O_CREAT);
      try {
        const made = (await file.stat()).size === 0;
        await writeAll(file, bytes, offset);
        await file.datasync();
        if (made) await syncPath(dirname(path));
      } finally {
        await file.close();
      }
    },
  };
}

/** One write may take less than it is given, as when the disk is nearly full. */
async function writeAll(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, position: number) {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
