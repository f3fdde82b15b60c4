/** A name or title that came from elsewhere, without what would steer a terminal: control characters, line breaks. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}
