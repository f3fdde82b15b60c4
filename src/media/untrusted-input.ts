/** Pixels a frame (36 million: a little over 8K): what a decoder may allocate memory for. */
export const MAX_PIXELS = 36_000_000;

/**
 * Input options for both tools: only local files, only containers of video (no playlists, which open other files, no
 * images), no frame beyond the limit. What is not listed is refused by the tool itself, before anything is parsed.
 */
export const UNTRUSTED_INPUT = [
  ...['-protocol_whitelist', 'file'],
  ...['-format_whitelist', 'mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,gif'],
  ...['-max_pixels', String(MAX_PIXELS)],
];

/** A path as ffmpeg's input: with the protocol named, no character of it means anything ("a:b", "-x", "concat:…"). */
export function inputUrl(path: string): string {
  return `file:${path}`;
}
