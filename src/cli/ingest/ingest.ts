import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readSettings } from '../../config.ts';
import { hashFile } from '../../xclip/hub/digest.ts';
import { type Client, createClient, ServerError, type ServerOptions } from '../library/client.ts';
import { findSources, type Source } from './find-sources.ts';
import { createFollower, type Follower } from './follow.ts';
import { handOver } from './hand-over.ts';
import { createReport, type Report } from './report.ts';
import { upload } from './upload.ts';

export interface IngestOptions extends ServerOptions, Treatment {
  include: string[];
  exclude: string[];
  json?: boolean;
}

/** What is to be done with each source. */
export interface Treatment {
  tag: string[];
  title?: string;
  metadata?: object;
  clipSeconds?: number | undefined;
  overlap?: number;
  scenes?: boolean;
  inPlace?: boolean | undefined;
  wait: boolean;
}

/** Files that are sent at the same time. */
const SENDING = 3;
/** Exit code of a command that Ctrl-C ended. */
const INTERRUPTED = 130;

const KNOWN = `query ($sha256: [String!]) {
  videos(first: 1, filter: {sha256: $sha256}) { edges { node { id searchable mediaUrl } } } }`;

/** Takes sources into a server's library and follows them to their end. Gives the exit code: 1 when some failed. */
export async function ingest(given: string[], options: IngestOptions): Promise<number> {
  const client = createClient(options);
  const sources = await findSources(given, options);
  if (options.title && sources.length > 1) throw new Error('--title is for one source.');
  await client.ask('{ ingestions(first: 1) { edges { cursor } } }'); // Is it there at all?
  const report = createReport(sources.length, { json: options.json ?? false });
  await ingestSources(client, sources, options, report);
  return report.close();
}

/** Takes sources into a server's library, and tells the report how it goes, to their end when it is waited for. */
export async function ingestSources(
  client: Client,
  sources: Source[],
  treatment: Treatment,
  report: Report,
): Promise<void> {
  const follower = treatment.wait ? createFollower(client, report) : noFollower(report);
  const work = { client, treatment, report, follower, alone: sources.length === 1 };
  const onInterrupt = () => {
    report.close();
    console.error('What was handed over goes on at the server. The same command takes up the rest.');
    process.exit(INTERRUPTED);
  };
  process.once('SIGINT', onInterrupt);
  try {
    await queue(work, sources.filter((source) => source.kind === 'url' || treatment.inPlace).map(inPlace));
    if (!treatment.inPlace) await sendAll(work, sources);
    await follower.finish();
  } finally {
    report.stop();
    process.off('SIGINT', onInterrupt);
  }
}

/** For those who do not wait, what is handed over has ended. */
function noFollower(report: Report): Follower {
  return {
    add: (ingestion, name) => report.ended({ name, outcome: 'queued', ingestion, video: null, error: null }),
    finish: async () => {},
  };
}

interface Work {
  client: Client;
  treatment: Treatment;
  report: Report;
  follower: Follower;
  /** There is one source: it need not wait for the batches of others. */
  alone: boolean;
}

interface Queued {
  name: string;
  input: { url?: string; path?: string; uploadId?: string };
}

function inPlace(source: Source): Queued {
  return { name: source.name, input: source.kind === 'url' ? { url: source.url } : { path: source.path } };
}

async function queue(work: Work, sources: Queued[]): Promise<void> {
  const { client, treatment, report, follower, alone } = work;
  const { title, tag: tags, metadata, clipSeconds, overlap, scenes } = treatment;
  const cut = clipSeconds !== undefined || overlap !== undefined || scenes !== undefined;
  const segmentation = cut ? { clipSeconds, overlap, scenes } : undefined;
  const inputs = sources.map(({ input }) => ({ ...input, title, tags, metadata, segmentation }));
  let i = 0;
  for await (const { ingestion, error } of handOver(client, inputs, { alone })) {
    const { name } = sources[i++] as Queued;
    if (ingestion) follower.add(ingestion.id, name);
    else report.ended({ name, outcome: 'failed', ingestion: null, video: null, error });
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
    // One whose file is gone gets it back.
    if (known?.node.searchable && known.node.mediaUrl) {
      const video = known.node.id;
      return report.ended({ name, outcome: 'duplicate', ingestion: null, video, error: null });
    }
    const progress = (share: number) => report.at(name, 'upload', share);
    const notes = join(readSettings().cache, 'clipql', 'uploads');
    const uploadId = await upload(client, path, { notes, sha256, progress });
    report.waits(name);
    await queue(work, [{ name, input: { uploadId } }]);
  } catch (error) {
    if (error instanceof ServerError && error.code === 'UNAUTHENTICATED') throw error;
    const { code = 'UPLOAD_FAILED', message } = error as Error & { code?: string };
    report.ended({ name, outcome: 'failed', ingestion: null, video: null, error: { code, message } });
  }
}
