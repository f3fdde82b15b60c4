import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Looks after a folder that a program writes into. */
export interface FolderWatch {
  /** Aborts when the folder has grown too large, or nothing was heard or written for too long. */
  signal: AbortSignal;
  /** The program was heard. */
  heard(): void;
  end(): void;
}

/**
 * @param checkSize throws when so many bytes are too many
 * @param idle milliseconds without a sign of life; then `silent()` is the signal's reason
 * @param look milliseconds between two looks
 */
export function watchFolder(
  folder: string,
  checkSize: (bytes: number) => void,
  { idle, look }: { idle: number; look: number },
  silent: () => Error,
): FolderWatch {
  const watch = new AbortController();
  let size = 0;
  let alive = performance.now();
  const timer = setInterval(async () => {
    const now = await sizeOf(folder);
    if (now !== size) alive = performance.now();
    size = now;
    try {
      checkSize(size);
      if (performance.now() - alive > idle) throw silent();
    } catch (error) {
      watch.abort(error);
    }
  }, look);
  return {
    signal: watch.signal,
    heard: () => {
      alive = performance.now();
    },
    end: () => clearInterval(timer),
  };
}

/** Bytes of all files in a folder, links not followed. */
async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map((name) =>
    lstat(join(folder, name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
