import { ClipqlError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { cleanDetails, type SourceSettings, type VideoDetails } from './enqueue.ts';
import { type FolderFile, listFolder } from './list-folder.ts';

/** Files whose rows are looked up and made at once. */
const AT_ONCE = 500;
const MOST_SKIPPED = 100;

export interface EnqueueFolderInput extends VideoDetails {
  /** An absolute path inside one of the media folders. */
  path: string;
  /** Also what lies in its folders. */
  recursive: boolean;
  /** Globs, relative to the folder; the usual names of video files when empty. */
  include: string[];
  exclude: string[];
}

/** What was found in a folder. */
export interface FolderResult {
  /** Files. */
  found: number;
  queued: number;
  /** Files that are in the library or in the queue, as they are now, or can be no video. */
  known: number;
  /** Names of what could not be read, or leads out of the media folders; at most `MOST_SKIPPED`. */
  skipped: string[];
}

/**
 * Queues the files of a folder that are new, in the order of their names, as they are found: a broken walk is taken up by
 * the next one. Throws `BAD_USER_INPUT`, `SOURCE_NOT_ALLOWED`, `SOURCE_NOT_FOUND`.
 */
export async function enqueueFolder(
  store: Store,
  { mediaDirs }: SourceSettings,
  input: EnqueueFolderInput,
  queued: () => void,
): Promise<FolderResult> {
  const details = cleanDetails(input);
  const result: FolderResult = { found: 0, queued: 0, known: 0, skipped: [] };

  async function take(files: FolderFile[]): Promise<void> {
    const known = await store.ingestions.knownPaths(files);
    const fresh = files.filter(({ path }) => !known.has(path));
    result.found += files.length;
    result.queued += fresh.length;
    result.known += files.length - fresh.length;
    if (fresh.length === 0) return;
    const ingestions = fresh.map((file) => ({
      source: { kind: 'PATH' as const, name: file.name, path: file.path },
      file: { size: file.size, mtimeMs: file.mtimeMs },
      ...details,
    }));
    await store.ingestions.createAll(ingestions, 'folder');
    queued();
  }

  const skip = (name: string) => result.skipped.length < MOST_SKIPPED && result.skipped.push(name);
  let files: FolderFile[] = [];
  for await (const file of listFolder(input.path, input, mediaDirs, skip)) {
    files.push(file);
    if (files.length < AT_ONCE) continue;
    await take(files);
    files = [];
  }
  await take(files);
  if (result.found === 0 && result.skipped.length === 0) {
    throw new ClipqlError(
      'SOURCE_NOT_FOUND',
      'There is no video file in this folder. `include` takes other names, `recursive` what lies deeper.',
    );
  }
  return result;
}
