import { createClient, type ServerOptions } from '../library/client.ts';
import { oneLine } from '../library/one-line.ts';
import { fetchLabelSet } from './label-set.ts';

/** Prints what a label set holds, a line for each label. */
export async function showLabelSet(
  id: string,
  { json, ...server }: ServerOptions & { json?: boolean },
): Promise<void> {
  const set = await fetchLabelSet(createClient(server), id);
  if (json) return console.log(JSON.stringify(set));
  console.log(`${oneLine(set.name)}  (${set.id}${set.builtIn ? ', built in' : ''})`);
  for (const template of set.templates) console.log(`template: ${oneLine(template)}`);
  for (const { label, texts, examples } of set.labels) {
    const read = texts.length > 0 ? `: ${texts.map(oneLine).join(' | ')}` : '';
    const shown = examples.length > 0 ? `  (examples: ${examples.length})` : '';
    console.log(`  ${oneLine(label)}${read}${shown}`);
  }
}
