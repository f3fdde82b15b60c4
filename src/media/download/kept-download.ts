import { readFile, stat, writeFile } from 'node:fs/promises';
import type { Downloaded } from './types.ts';

/** What is known of a file that is being fetched, kept in `<file>.json` beside it until it is taken over. */
export interface KeptDownload {
  downloaded: Downloaded;
  /** What `If-Range` takes; null: cannot be resumed. */
  validator: string | null;
  /** Bytes of the whole file; null until its end is known. */
  total: number | null;
}

/** What a former attempt left of the file `to`: null when nothing or nothing usable. `size` is what is there of it, in bytes. */
export async function readKept(to: string): Promise<(KeptDownload & { size: number }) | null> {
  try {
    const { size } = await stat(to);
    return { ...(JSON.parse(await readFile(`${to}.json`, 'utf8')) as KeptDownload), size };
  } catch {
    return null; // Cut short by a crash, or never begun: it begins again.
  }
}

/** Notes what the bytes are that the file `to` gets from now on. */
export async function keep(to: string, kept: KeptDownload): Promise<void> {
  await writeFile(`${to}.json`, JSON.stringify(kept));
}
