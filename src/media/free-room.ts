import { statfs } from 'node:fs/promises';

/** Bytes left free on the disk, for the database and what is made of the videos. */
const KEEP_FREE = 1024 ** 3;

/** How many bytes new files may take on the disk of this folder now; below 0 when it is already too full. */
export async function freeRoom(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize - KEEP_FREE;
}
