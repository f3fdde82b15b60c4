import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readSettings } from '../../config.ts';
import { hashFile } from '../../xclip/hub/digest.ts';
import { type Client, createClient, ServerError, type ServerOptions } from '../library/client.ts';
import { findSources, type Source } from './find-sources.ts';
import { createFollower, type Follower } from './follow.ts';
import { createReport, type Report } from './report.ts';
import { upload } from './upload.ts';

export interface IngestOptions extends ServerOptions {
  include: string[];
  exclude: string[];
  tag: string[];
  title?: string;
  metadata?: object;
  clipSeconds?: number;
  overlap?: number;
  scenes?: boolean;
  inPlace?: boolean;
  wait: boolean;
  json?: boolean;
}

/** Files that are sent at the same time. */
const SENDING = 3;
/** Sources of one mutation. */
const AT_ONCE = 500;

/** For those who do not wait. */
const NOBODY: Follower = { add() {}, finish: async () => {} };

const INGEST = `mutation ($inputs: [IngestVideoInput!]!) {
  ingestVideos(inputs: $inputs) { ingestion { id } error { code message } } }`;
const KNOWN = `query ($sha256: [String!]) {
  videos(first: 1, filter: {sha256: $sha256}) { edges { node { id searchable } } } }`;

/** Takes sources into a server's library and follows them to their end. Gives the exit code: 1 when some failed. */
export async function ingest(given: string[], options: IngestOptions): Promise<number> {
  const client = createClient(options);
  const sources = await findSources(given, options);
  if (options.title && sources.length > 1) throw new Error('--title is for one source.');
  await client.ask('{ ingestions(first: 1) { edges { cursor } } }'); // Is it there at all?
  const report = createReport(sources.length, { json: options.json ?? false });
  const follower = options.wait ? createFollower(client, report) : NOBODY;
  const work = { client, options, report, follower };
  const onInterrupt = () => {
    report.close();
    console.error('What was handed over goes on at the server. The same command takes up the rest.');
    process.exit(1);
  };
  process.once('SIGINT', onInterrupt);

  const named = sources.filter((source) => source.kind === 'url' || options.inPlace);
  for (let i = 0; i < named.length; i += AT_ONCE) await queue(work, named.slice(i, i + AT_ONCE).map(inPlace));
  if (!options.inPlace) await sendAll(work, sources);
  await follower.finish();
  process.off('SIGINT', onInterrupt);
  if (options.wait) return report.close();
  console.error(
    'Handed over. `ingestions { counts { queued running succeeded failed } }` tells how it goes.',
  );
  return 0;
}

interface Work {
  client: Client;
  options: IngestOptions;
  report: Report;
  follower: Follower;
}

interface Queued {
  name: string;
  input: { url?: string; path?: string; uploadId?: string };
}

function inPlace(source: Source): Queued {
  return { name: source.name, input: source.kind === 'url' ? { url: source.url } : { path: source.path } };
}

async function queue({ client, options, report, follower }: Work, sources: Queued[]): Promise<void> {
  const { title, tag: tags, metadata, clipSeconds, overlap, scenes } = options;
  const cut = clipSeconds !== undefined || overlap !== undefined || scenes !== undefined;
  const segmentation = cut ? { clipSeconds, overlap, scenes } : undefined;
  const inputs = sources.map(({ input }) => ({ ...input, title, tags, metadata, segmentation }));
  const { ingestVideos } = await client.ask(INGEST, { inputs });
  for (const [i, { ingestion, error }] of ingestVideos.entries()) {
    const { name } = sources[i] as Queued;
    if (ingestion) follower.add(ingestion.id, name);
    else report.ended({ name, outcome: 'failed', video: null, error });
  }
}

/** Some at a time. */
async function sendAll(work: Work, sources: Source[]): Promise<void> {
  const left = sources.values();
  const senders = Array.from({ length: SENDING }, async () => {
    for (const source of left) if (source.kind === 'file') await send(work, source);
  });
  await Promise.all(senders);
}

async function send(work: Work, { name, path }: Source & { kind: 'file' }): Promise<void> {
  const { client, report } = work;
  try {
    report.at(name, 'hash', 0);
    const sha256 = (await hashFile(createHash('sha256'), path)).digest('hex');
    const { videos } = await client.ask(KNOWN, { sha256: [sha256] });
    const [known] = videos.edges;
    if (known?.node.searchable) {
      return report.ended({ name, outcome: 'duplicate', video: known.node.id, error: null });
    }
    const progress = (share: number) => report.at(name, 'upload', share);
    const notes = join(readSettings().cache, 'clipql');
    const uploadId = await upload(client, path, { notes, fingerprint: sha256, progress });
    await queue(work, [{ name, input: { uploadId } }]);
  } catch (error) {
    if (error instanceof ServerError && error.code === 'UNAUTHENTICATED') throw error;
    const code = error instanceof ServerError ? error.code : 'UPLOAD_FAILED';
    report.ended({
      name,
      outcome: 'failed',
      video: null,
      error: { code, message: (error as Error).message },
    });
  }
}
