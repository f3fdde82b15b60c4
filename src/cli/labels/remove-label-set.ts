import { createClient, type ServerOptions } from '../library/client.ts';

/** Removes a label set. */
export async function removeLabelSet(
  id: string,
  { json, ...server }: ServerOptions & { json?: boolean },
): Promise<void> {
  const { deleteLabelSet } = await createClient(server).ask(
    'mutation ($id: ID!) { deleteLabelSet(id: $id) }',
    { id },
  );
  if (json) console.log(JSON.stringify(deleteLabelSet));
}
