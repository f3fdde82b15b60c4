import { modelInfo, pathsInfo } from '@huggingface/hub';
import { z } from 'zod';
import { NEEDED, WANTED } from './cache-entry.ts';
import type { Hub } from './hub.ts';
import { HubError } from './hub-error.ts';
import type { HubName } from './hub-name.ts';
import type { Patience } from './patience.ts';
import { patientFetch } from './request.ts';

/** A file of a commit. */
export interface HubFile {
  path: string;
  /** Bytes. */
  size: number;
  /** What its bytes must hash to, and its name in the cache: SHA-256, or git's SHA-1 of small files. */
  digest: string;
  url: string;
}

/** What a revision holds of a model. */
export interface Revision {
  revision: string;
  commit: string;
  files: HubFile[];
}

const WEIGHTS = 'model.safetensors';
/** Files that say how else the weights may be there. */
const SHARDS = 'model.safetensors.index.json';
const PICKLE = 'pytorch_model.bin';
/** The account by which the hub converts weights on request; a pull request of anyone else may hold any weights. */
const CONVERTER = 'SFconvertbot';
/** Where the bot's are on the hub, for mirrors that do not tell whose they are. */
const FIRST_PULL_REQUESTS = [1, 2, 3];

// Names in the cache come from the answers: they must be hashes, which lead nowhere else.
const hash = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
const bytes = z.int().nonnegative();
const info = z.object({
  path: z.string(),
  size: bytes,
  oid: hash,
  lfs: z.object({ oid: hash, size: bytes }).nullish(),
});
const discussions = z.object({
  discussions: z.array(
    z.object({ num: z.int(), isPullRequest: z.boolean(), author: z.object({ name: z.string() }) }),
  ),
});

/**
 * Asks the hub which commit a revision is and what it holds of a model. Without `model.safetensors` there, a second
 * revision follows: the conversion bot's newest open pull request that has it, completed by the files of the first.
 * @throws HubError naming what is missing
 */
export async function lookUp(
  hub: Hub,
  { repository, revision }: HubName,
  patience: Patience,
  signal?: AbortSignal,
): Promise<Revision[]> {
  const ask = (at: string) => patientFetch(hub, `${repository}@${at}`, patience, signal);

  async function read(at: string): Promise<Revision> {
    const client = { hubUrl: hub.endpoint, fetch: ask(at) };
    const model = { name: repository, revision: at };
    const { sha } = await modelInfo({ ...client, ...model, additionalFields: ['sha'] });
    const commit = hash.parse(sha);
    const paths = [...NEEDED, ...WANTED, SHARDS, PICKLE];
    const infos = await pathsInfo({ ...client, repo: repository, revision: commit, paths });
    const files = infos.map((answer) => {
      const { path, size, oid, lfs } = info.parse(answer);
      const url = `${hub.endpoint}/${repository}/resolve/${commit}/${path}`;
      return { path, size: lfs?.size ?? size, digest: lfs?.oid ?? oid, url };
    });
    return { revision: at, commit, files };
  }

  /** The bot's open pull requests, the newest first; of a mirror that cannot tell, the first ones. */
  async function conversions(): Promise<number[]> {
    const url = `${hub.endpoint}/api/models/${repository}/discussions?p=0&type=pull_request&status=open&author=${CONVERTER}`;
    const answer = await ask('main')(url).catch(unlessRefused);
    if (!answer) return FIRST_PULL_REQUESTS;
    return discussions
      .parse(await answer.json())
      .discussions.filter((it) => it.isPullRequest && it.author.name === CONVERTER)
      .map(({ num }) => num)
      .sort((a, b) => b - a);
  }

  async function converted(): Promise<Revision | undefined> {
    for (const number of await conversions()) {
      const found = await read(`refs/pr/${number}`).catch(unlessRefused);
      if (found && has(found, WEIGHTS)) return found;
    }
  }

  const asked = await understood(read(revision), signal);
  if (has(asked, WEIGHTS)) return [needed(repository, asked)];
  const conversion = await understood(converted(), signal);
  if (!conversion) throw new HubError(withoutWeights(repository, asked), { retryable: false });
  const rest = asked.files.filter(({ path }) => !has(conversion, path));
  const completed = { ...conversion, files: [...conversion.files, ...rest] };
  return [{ ...asked, files: asked.files.filter(isWanted) }, needed(repository, completed)];
}

/** Null when the hub says that there is no such thing. */
function unlessRefused(error: unknown): null {
  if (error instanceof HubError && !error.retryable) return null;
  throw error;
}

/** An answer that the client library or we cannot read comes from something between. */
function understood<T>(answer: Promise<T>, signal?: AbortSignal): Promise<T> {
  return answer.catch((cause: unknown) => {
    if (cause instanceof HubError || signal?.aborted) throw cause;
    const message =
      'What answered is not the hub. Check HF_ENDPOINT, and that no sign-in page of the network is in between.';
    throw new HubError(message, { retryable: true, cause });
  });
}

const has = ({ files }: Revision, path: string) => files.some((file) => file.path === path);

const isWanted = ({ path }: HubFile) => NEEDED.includes(path) || WANTED.includes(path);

/** A revision's files without those that are no part of a model; all that a model needs are there. */
function needed(repository: string, revision: Revision): Revision {
  const missing = NEEDED.filter((path) => !has(revision, path));
  if (missing.length === 0) return { ...revision, files: revision.files.filter(isWanted) };
  const message = `${repository}@${revision.revision} cannot be used: on the hub it lacks ${missing.join(', ')}.`;
  throw new HubError(message, { retryable: false });
}

function withoutWeights(repository: string, asked: Revision): string {
  const name = `${repository}@${asked.revision}`;
  if (has(asked, SHARDS)) {
    return `${name} holds its weights in several files (${SHARDS}); only one model.safetensors can be read.`;
  }
  if (has(asked, PICKLE)) {
    return `${name} holds its weights only as ${PICKLE}, which is never read because it may run code, and no pull request of the hub's conversion bot (${CONVERTER}) offers model.safetensors. Let https://huggingface.co/spaces/safetensors/convert open one, or name another pull request that you trust: ${repository}@refs/pr/<number>.`;
  }
  return `${name} cannot be used: on the hub it lacks model.safetensors.`;
}
