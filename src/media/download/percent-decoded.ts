/** A part of a URL as people read it; as it is when its escapes are no text. */
export function percentDecoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
