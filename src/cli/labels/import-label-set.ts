import { readFile } from 'node:fs/promises';
import { createClient, type ServerOptions } from '../library/client.ts';
import { readLabels } from './read-labels.ts';

export interface ImportOptions extends ServerOptions {
  name: string;
  template: string[];
  json?: boolean;
}

const CREATE = `mutation ($input: CreateLabelSetInput!) { createLabelSet(input: $input) { id name size } }`;

/** Keeps the labels of a file as a label set, and prints its id. */
export async function importLabelSet(
  file: string,
  { name, template, json, ...server }: ImportOptions,
): Promise<void> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read: ${error.code}.`, { cause: error });
  });
  const { labels, ignored } = read(file, bytes);
  if (ignored.length > 0) console.error(`Columns left out: ${ignored.join(', ')}.`);
  const input = { name, templates: template, labels };
  const { createLabelSet } = await createClient(server).ask(CREATE, { input });
  console.log(json ? JSON.stringify(createLabelSet) : createLabelSet.id);
}

function read(file: string, bytes: Uint8Array) {
  try {
    return readLabels(bytes, { table: /\.[ct]sv$/i.test(file) });
  } catch (error) {
    throw new Error(`${file} ${(error as Error).message}`, { cause: error });
  }
}
