import { stat } from 'node:fs/promises';
import type { Media } from './media.ts';
import type { Video } from './types.ts';

/**
 * Where a video's bytes can be read now; null when they are gone. A file that was read in place is gone as soon as its
 * size or time of change differ.
 */
export async function sourcePath(media: Media, { source, sha256 }: Pick<Video, 'source' | 'sha256'>) {
  const path = source.kind === 'PATH' ? source.path : media.path(sha256);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return null;
  if (source.kind === 'PATH' && (found.size !== source.size || found.mtimeMs !== source.mtimeMs)) return null;
  return path;
}
