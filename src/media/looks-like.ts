import { open } from 'node:fs/promises';

/** How files that are sent instead of videos begin: their bytes in hexadecimal, or their text. */
const BYTES: [RegExp, string][] = [
  [/^$/, 'an empty file'],
  [/^(89504e47|ffd8ff|52494646.{8}57454250|424d.{8}0000|49492a00|4d4d002a|00000100)/, 'an image'],
  [/^25504446/, 'a document'],
  [/^(504b0304|1f8b|52617221|377abcaf)/, 'an archive'],
];
const TEXT: [RegExp, string][] = [
  [/^\s*(#EXTM3U|ffconcat|\[playlist\]|<asx|(<\?xml[^>]*>\s*)?<MPD)/i, 'a playlist'],
  [/^\s*(<!doctype html|<html)/i, 'a web page'],
  [/^\s*(<\?xml[^>]*>\s*)?<svg/i, 'an image'],
];

/** What a file that is no video is, going by its first bytes, to be told to whoever sent it; null: no idea. */
export async function looksLike(path: string): Promise<string | null> {
  const file = await open(path).catch(() => null);
  if (!file) return null;
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(200), 0, 200, 0);
    const beginning = buffer.subarray(0, bytesRead);
    const find = (kinds: [RegExp, string][], as: 'hex' | 'latin1') =>
      kinds.find(([pattern]) => pattern.test(beginning.toString(as)))?.[1];
    return find(BYTES, 'hex') ?? find(TEXT, 'latin1') ?? null;
  } finally {
    await file.close();
  }
}
