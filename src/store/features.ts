import { constants, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { syncPath } from './library-files.ts';

/** Patch features in `DATA_DIR/features/<model>/<video>`: fp16 bits, clip k at k · P · D · 2 bytes. */
export interface Features {
  /** Writes and syncs the [P, D] features of one clip. */
  write(model: string, videoId: string, index: number, features: Uint16Array): Promise<void>;
  /** Where a clip's features lie; `offset` in bytes. */
  location(
    model: string,
    videoId: string,
    index: number,
    patches: number,
    dimensions: number,
  ): { path: string; offset: number };
}

export function createFeatures(folder: string): Features {
  return {
    async write(model, videoId, index, features) {
      const modelFolder = join(folder, model);
      await mkdir(modelFolder, { recursive: true });
      // Made when missing, never cut: other clips of the video are in it.
      const file = await open(join(modelFolder, videoId), constants.O_RDWR | constants.O_CREAT);
      try {
        const bytes = new Uint8Array(features.buffer, features.byteOffset, features.byteLength);
        await writeAll(file, bytes, index * bytes.length);
        await file.datasync();
      } finally {
        await file.close();
      }
      if (index === 0) await syncPath(modelFolder);
    },
    location: (model, videoId, index, patches, dimensions) => ({
      path: join(folder, model, videoId),
      offset: index * patches * dimensions * Uint16Array.BYTES_PER_ELEMENT,
    }),
  };
}

/** One write may take less than it is given, as when the disk is nearly full. */
async function writeAll(file: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, position: number) {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
