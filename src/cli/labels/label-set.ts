import type { Client } from '../library/client.ts';
import type { Label } from './read-labels.ts';

/** A label set as the server shows it. */
export interface LabelSet {
  id: string;
  name: string;
  templates: string[];
  size: number;
  builtIn: boolean;
  labels: Label[];
}

const LABEL_SET = `query ($id: ID!) {
  labelSet(id: $id) { id name templates size builtIn labels { label texts examples } } }`;

/** A label set by its id. Throws an Error when there is none. */
export async function fetchLabelSet(client: Client, id: string): Promise<LabelSet> {
  const { labelSet } = await client.ask(LABEL_SET, { id });
  if (labelSet) return labelSet;
  throw new Error(`There is no label set ${id}. \`clipql labels list\` shows their ids.`);
}
