/**
 * The text that a folder's name stands for: words are split at `_`, `-` and before a capital that begins a word, and
 * written small. `ApplyEyeMakeup` is "apply eye makeup", `brush_hair` "brush hair", `TVShow` "tv show".
 */
export function labelText(folder: string): string {
  return folder
    .normalize('NFC')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replace(/[\s_-]+/g, ' ')
    .trim()
    .toLowerCase();
}
