import { createClient, type ServerOptions } from '../library/client.ts';
import { oneLine } from '../library/one-line.ts';
import type { LabelSet } from './label-set.ts';

const LABEL_SETS = `query ($after: String) { labelSets(first: 100, after: $after) {
  edges { node { id name templates size builtIn } } pageInfo { hasNextPage endCursor } } }`;

/** Prints the label sets, newest first, a line each. */
export async function listLabelSets({ json, ...server }: ServerOptions & { json?: boolean }): Promise<void> {
  const client = createClient(server);
  const sets: Omit<LabelSet, 'labels'>[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { labelSets } = await client.ask(LABEL_SETS, { after });
    sets.push(...labelSets.edges.map((edge: { node: LabelSet }) => edge.node));
    after = labelSets.pageInfo.endCursor;
    more = labelSets.pageInfo.hasNextPage;
  }
  if (json) return console.log(JSON.stringify(sets));
  for (const { id, name, size } of sets) {
    console.log(`${id.padEnd(36)}  ${`${size}`.padStart(4)} labels  ${oneLine(name)}`);
  }
}
