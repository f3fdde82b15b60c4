import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubFile, Revision } from './look-up.ts';

/** Bytes of the files of a model. */
export interface FetchProgress {
  done: number;
  total: number;
}

/** How far the files of revisions are, all together; a file that several share counts once. */
export interface Progress {
  /** Tells what lies in the cache, whoever has brought it. */
  look(): Promise<void>;
  /** Tells that so many bytes of a file are there. */
  at(file: HubFile, there: number): void;
}

export function createProgress(
  entry: string,
  revisions: Revision[],
  onProgress?: (progress: FetchProgress) => void,
): Progress {
  const files = new Map(revisions.flatMap((revision) => revision.files).map((file) => [file.digest, file]));
  const total = [...files.values()].reduce((sum, { size }) => sum + size, 0);
  const bytes = new Map<string, number>();
  const tell = () => onProgress?.({ done: [...bytes.values()].reduce((sum, size) => sum + size, 0), total });
  return {
    async look() {
      for (const file of files.values()) bytes.set(file.digest, await bytesThere(entry, file));
      tell();
    },
    at({ digest }, there) {
      bytes.set(digest, there);
      tell();
    },
  };
}

/** Bytes that are there of a file, finished or not. */
export async function bytesThere(entry: string, { digest, size }: HubFile): Promise<number> {
  const blob = join(entry, 'blobs', digest);
  const found = await stat(blob).catch(() => stat(`${blob}.incomplete`).catch(() => ({ size: 0 })));
  return Math.min(size, found.size);
}
