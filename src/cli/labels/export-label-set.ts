import { stringify } from 'csv-stringify/sync';
import { createClient, type ServerOptions } from '../library/client.ts';
import { oneLine } from '../library/one-line.ts';
import { fetchLabelSet } from './label-set.ts';
import type { Label } from './read-labels.ts';

/** Writes a label set as CSV that `clipql labels import` takes; its templates go to standard error, as options. */
export async function exportLabelSet(
  id: string,
  { json, ...server }: ServerOptions & { json?: boolean },
): Promise<void> {
  const { labels, templates } = await fetchLabelSet(createClient(server), id);
  if (json) return console.log(JSON.stringify({ templates, labels }));
  process.stdout.write(
    stringify(labels.flatMap(rows), { header: true, columns: ['label', 'text', 'example'] }),
  );
  const quoted = templates.map((template) => `--template '${oneLine(template).replaceAll("'", "'\\''")}'`);
  if (templates.length > 0) console.error(`To import it again: ${quoted.join(' ')}`);
}

/** As many rows as the label has texts or examples, at least one. */
function rows({ label, texts, examples }: Label): string[][] {
  return Array.from({ length: Math.max(1, texts.length, examples.length) }, (_, i) => [
    label,
    texts[i] ?? '',
    examples[i] ?? '',
  ]);
}
