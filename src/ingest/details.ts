import { parse } from 'node:path';
import { ClipqlError } from '../errors.ts';
import type { Json } from '../store/types.ts';

/** Characters. */
const MAX_TITLE = 500;
const MAX_TAG = 100;
const MAX_TAGS = 100;
/** Bytes as JSON. */
const MAX_METADATA = 64 * 1024;

/** A title as it is kept: one line, trimmed. Throws `BAD_USER_INPUT` when it is empty or too long. */
export function cleanTitle(title: string): string {
  const line = oneLine(title);
  if (line === '') throw new ClipqlError('BAD_USER_INPUT', '`title` is empty. Give one, or leave it out.');
  if ([...line].length > MAX_TITLE) {
    throw new ClipqlError('BAD_USER_INPUT', `\`title\` has more than ${MAX_TITLE} characters. Shorten it.`);
  }
  return line;
}

/** The title of a file that was given none: its name without the extension. */
export function titleOf(fileName: string): string {
  return fittingTitle(parse(fileName).name);
}

/** A text from elsewhere, such as a site's title of a video, as a title: on one line, cut where it is too long. */
export function fittingTitle(text: string): string {
  return [...oneLine(text)].slice(0, MAX_TITLE).join('') || 'Untitled';
}

/** Tags as they are kept: trimmed, each once. Throws `BAD_USER_INPUT` for an empty or long one, or too many. */
export function cleanTags(tags: string[]): string[] {
  const clean = [...new Set(tags.map(oneLine))];
  if (clean.includes('')) throw new ClipqlError('BAD_USER_INPUT', 'A tag is empty. Leave it out.');
  const long = clean.find((tag) => [...tag].length > MAX_TAG);
  if (long) {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      `The tag "${long.slice(0, 40)}…" has more than ${MAX_TAG} characters.`,
    );
  }
  if (clean.length > MAX_TAGS) {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      `${clean.length} tags are too many; a video has at most ${MAX_TAGS}.`,
    );
  }
  return clean;
}

/** Metadata as it is kept: a JSON object. Throws `BAD_USER_INPUT` for anything else, or more than 64 KiB. */
export function cleanMetadata(metadata: Json): Json {
  if (metadata === null || typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw new ClipqlError('BAD_USER_INPUT', '`metadata` must be a JSON object, such as {"camera": "north"}.');
  }
  const json = JSON.stringify(metadata, (key, value) => {
    for (const text of [key, value]) {
      // PostgreSQL keeps neither in a jsonb.
      if (typeof text === 'string' && /[\0\p{Cs}]/u.test(text)) {
        throw new ClipqlError(
          'BAD_USER_INPUT',
          '`metadata` holds text that is not valid Unicode, or a NUL character.',
        );
      }
    }
    return value;
  });
  if (Buffer.byteLength(json) > MAX_METADATA) {
    throw new ClipqlError('BAD_USER_INPUT', '`metadata` is larger than 64 KiB. Keep only what is needed.');
  }
  return metadata;
}

/** File names may hold line breaks and half characters; a title and a tag do not. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
