import { access, constants, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, resolve, sep } from 'node:path';
import { ClipqlError } from '../errors.ts';

/** As many links as Linux follows in one path. */
const MAX_LINKS = 40;

/** A file as it is now. */
export interface SourceFile {
  /** Its real path. */
  path: string;
  /** Bytes. */
  size: number;
  /** Of its last change, since 1970. */
  mtimeMs: number;
}

/**
 * A file inside one of the media folders, links followed. What lies outside is `SOURCE_NOT_ALLOWED`
 * whether it exists or not; a file that is not there or cannot be read is `SOURCE_NOT_FOUND`; a folder, a pipe or a
 * device is `BAD_USER_INPUT`.
 */
export async function allowedPath(path: string, mediaDirs: string[]): Promise<SourceFile> {
  return checkFile(await allowedTarget(path, mediaDirs));
}

/** The real path of whatever lies, or might lie, in one of the media folders. Throws `BAD_USER_INPUT`, `SOURCE_NOT_ALLOWED`. */
export async function allowedTarget(path: string, mediaDirs: string[]): Promise<string> {
  if (!isAbsolute(path) || path.includes('\0')) {
    throw new ClipqlError('BAD_USER_INPUT', '`path` must be an absolute path, as the server sees it.');
  }
  const real = await realTarget(normalize(path));
  const folders = await Promise.all(mediaDirs.map((folder) => realTarget(resolve(folder))));
  if (
    !folders.some(
      (folder) => real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep),
    )
  ) {
    throw new ClipqlError(
      'SOURCE_NOT_ALLOWED',
      'This path is not in a folder the server may read. Move the file into one of MEDIA_DIRS, or upload it.',
    );
  }
  return real;
}

/** Throws unless `path` is its own real path, links followed, and names a file that can be read. */
export async function checkFile(path: string): Promise<SourceFile> {
  const real = await realpath(path).catch(() => null);
  if (real !== path)
    throw new ClipqlError('SOURCE_NOT_FOUND', 'There is no file at this path. Check its spelling.');
  const found = await stat(path);
  if (!found.isFile()) {
    throw new ClipqlError('BAD_USER_INPUT', 'This path is a folder or a special file. Name one video file.');
  }
  await access(path, constants.R_OK).catch(() => {
    throw new ClipqlError('SOURCE_NOT_FOUND', 'The server may not read this file. Check its permissions.');
  });
  return { path, size: found.size, mtimeMs: found.mtimeMs };
}

/** `realpath`, also of what does not exist: then the real path that it would have. */
async function realTarget(path: string, links = 0): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    if (links > MAX_LINKS || dirname(path) === path) return path;
    const target = await readlink(path).catch(() => null);
    const folder = await realTarget(dirname(path), links);
    return target === null ? join(folder, basename(path)) : realTarget(resolve(folder, target), links + 1);
  }
}
