import { type Client, ServerError } from '../library/client.ts';

/** Sources of one mutation, and their bytes as JSON: half of what the server takes. */
const AT_ONCE = 500;
const BYTES_AT_ONCE = 512 * 1024;

const INGEST_ONE = `mutation ($input: IngestVideoInput!) { ingestVideo(input: $input) { id } }`;
const INGEST = `mutation ($inputs: [IngestVideoInput!]!) {
  ingestVideos(inputs: $inputs) { ingestion { id } error { code message } } }`;

/** What the server makes of an input: one of the two. */
export interface HandedOver {
  ingestion: { id: string } | null;
  error: { code: string; message: string } | null;
}

/**
 * Queues inputs at the server, as many at once as it takes; an answer for each, in their order. Throws what `ask` throws.
 * @param alone it is all there is: it need not wait for the batches of others
 */
export async function* handOver(
  client: Client,
  inputs: object[],
  { alone }: { alone: boolean },
): AsyncGenerator<HandedOver> {
  if (alone && inputs.length === 1) {
    yield await handOverOne(client, inputs[0]);
    return;
  }
  const longest = Math.max(1, ...inputs.map((input) => Buffer.byteLength(JSON.stringify(input))));
  const atOnce = Math.max(1, Math.min(AT_ONCE, Math.floor(BYTES_AT_ONCE / longest)));
  for (let i = 0; i < inputs.length; i += atOnce) {
    yield* (await client.ask(INGEST, { inputs: inputs.slice(i, i + atOnce) })).ingestVideos;
  }
}

async function handOverOne(client: Client, input: object | undefined): Promise<HandedOver> {
  try {
    const { ingestVideo } = await client.ask(INGEST_ONE, { input });
    return { ingestion: ingestVideo, error: null };
  } catch (error) {
    if (!(error instanceof ServerError) || error.code === 'UNAUTHENTICATED') throw error;
    return { ingestion: null, error: { code: error.code, message: error.message } };
  }
}
