import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FakeRequest, type Fault, send } from './fake-send.js';

/** Revisions of a repository (`main`, `refs/pr/1`) and their files. */
export type FakeRepository = Record<string, Record<string, Buffer>>;

export interface FakeHub {
  endpoint: string;
  requests: FakeRequest[];
  /** Asked before each answer. */
  fault: (request: FakeRequest) => Fault | undefined;
  /** The commit of a revision. */
  commit(repository: string, revision?: string): string;
  /** Answers no more, until `close`. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

const LARGE = /\.(safetensors|bin)$/;
const CONVERTER = 'SFconvertbot';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
export const gitHash = (bytes: Buffer) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
/** A file's digest as the hub gives it. */
export const digestOf = (path: string, bytes: Buffer) => (LARGE.test(path) ? sha256(bytes) : gitHash(bytes));

/**
 * A server that behaves like the hub as far as its clients ask: models, revisions, files by redirect to another origin. With
 * a token, it answers only those who bring it.
 */
export async function startFakeHub(
  repositories: Record<string, FakeRepository>,
  { token }: { token?: string } = {},
): Promise<FakeHub> {
  const large = new Map<string, Buffer>();
  const commits = new Map<string, Record<string, Buffer>>();
  const digests = new Map<Buffer, string>();
  for (const [name, revisions] of Object.entries(repositories)) {
    for (const [revision, files] of Object.entries(revisions)) {
      for (const [path, bytes] of Object.entries(files)) {
        digests.set(bytes, digestOf(path, bytes));
        if (LARGE.test(path)) large.set(digests.get(bytes) as string, bytes);
      }
      commits.set(commit(name, revision), files);
    }
  }

  function commit(name: string, revision = 'main'): string {
    const files = Object.entries(repositories[name]?.[revision] ?? {}).map(([path, bytes]) => [
      path,
      digests.get(bytes),
    ]);
    return createHash('sha1')
      .update(JSON.stringify([name, revision, files]))
      .digest('hex');
  }

  const hub: FakeHub = {
    endpoint: '',
    requests: [],
    fault: () => undefined,
    commit,
    stop: () => stop(),
    close: () => stop(),
  };
  const cdnServer = createServer(serve('cdn', answerCdn));
  const hubServer = createServer(serve('hub', answerHub));
  const cdn = await listen(cdnServer);
  hub.endpoint = await listen(hubServer);

  async function stop(): Promise<void> {
    for (const server of [hubServer, cdnServer]) {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    }
  }

  type Answer = (
    request: FakeRequest,
    body: string,
    response: ServerResponse,
    fault: Fault | undefined,
  ) => unknown;

  function serve(server: 'hub' | 'cdn', answer: Answer) {
    return async (incoming: IncomingMessage, response: ServerResponse) => {
      const { method = '', url = '', headers } = incoming;
      const path = decodeURIComponent(url);
      const request: FakeRequest = { server, method, path, headers, sent: { start: 0, end: 0 } };
      hub.requests.push(request);
      let body = '';
      for await (const chunk of incoming) body += chunk;
      const fault = hub.fault(request);
      if (fault && 'status' in fault) response.writeHead(fault.status, fault.headers).end();
      else if (fault && 'cutAfter' in fault && fault.cutAfter < 0) response.destroy();
      else answer(request, body, response, fault);
    };
  }

  function answerCdn(request: FakeRequest, _body: string, response: ServerResponse, fault?: Fault): void {
    const bytes = large.get(request.path.slice(1));
    if (!bytes) response.writeHead(404).end();
    else send(bytes, {}, request, response, fault);
  }

  function answerHub(request: FakeRequest, body: string, response: ServerResponse, fault?: Fault): unknown {
    const json = (value: unknown) =>
      send(Buffer.from(JSON.stringify(value)), JSON_TYPE, request, response, fault);
    const refuse = (status: number, code: string) =>
      response.writeHead(status, { 'x-error-code': code, ...JSON_TYPE }).end(JSON.stringify({ error: code }));
    const [, api, name = '', route = '', rest = ''] =
      /^(\/api\/models)?\/([^/]+\/[^/]+)\/(resolve|revision|paths-info|tree|discussions)\/?([^?]*)/.exec(
        request.path,
      ) ?? [];
    const repository = repositories[name];
    const authorized = !token || request.headers.authorization === `Bearer ${token}`;
    if (!authorized) return refuse(401, repository ? 'GatedRepo' : 'RepoNotFound');
    if (!repository) return refuse(token ? 404 : 401, 'RepoNotFound');
    if (route === 'discussions') return json(discussions(repository));
    const revision = Object.keys(repository).find((it) => under(rest, it) || under(rest, commit(name, it)));
    if (!revision) return refuse(404, 'RevisionNotFound');
    const sha = commit(name, revision);
    const files = repository[revision] as Record<string, Buffer>;
    const entries = () => Object.entries(files).map(([path, bytes]) => describe(path, bytes));
    if (api && route === 'revision') return json(modelInfo(name, sha, Object.keys(files)));
    if (api && route === 'tree') return json(entries());
    if (api) return json(entries().filter(({ path }) => askedPaths(body).includes(path)));
    const path = rest.replace(under(rest, revision) ? revision : sha, '').slice(1);
    const bytes = files[path];
    if (!bytes) return refuse(404, 'EntryNotFound');
    const digest = digests.get(bytes) as string;
    const known = { 'x-repo-commit': sha, etag: `"${digest}"` };
    if (!LARGE.test(path)) return send(bytes, known, request, response, fault);
    const linked = { 'x-linked-etag': `"${digest}"`, 'x-linked-size': `${bytes.length}` };
    response.writeHead(302, { ...known, ...linked, location: `${cdn}/${digest}` }).end();
  }

  function describe(path: string, bytes: Buffer) {
    const large = LARGE.test(path) && {
      lfs: { oid: digests.get(bytes), size: bytes.length, pointerSize: 134 },
    };
    const oid = LARGE.test(path) ? gitHash(Buffer.from('pointer')) : digests.get(bytes);
    return { type: 'file', path, size: bytes.length, oid, ...large };
  }

  return hub;
}

const JSON_TYPE = { 'content-type': 'application/json' };

const under = (path: string, revision: string) => path === revision || path.startsWith(`${revision}/`);

const askedPaths = (body: string): string[] => {
  if (body.startsWith('{')) return JSON.parse(body).paths;
  return new URLSearchParams(body).getAll('paths');
};

function modelInfo(name: string, sha: string, paths: string[]) {
  const counts = { downloads: 0, likes: 0, private: false, gated: false, disabled: false, tags: [] };
  const siblings = paths.map((rfilename) => ({ rfilename }));
  return {
    _id: sha.slice(0, 24),
    id: name,
    modelId: name,
    sha,
    siblings,
    lastModified: '2022-09-08T00:00:00Z',
    ...counts,
  };
}

/** Each `refs/pr/N` of a repository is an open pull request, of the conversion bot when it holds safetensors and N is odd. */
function discussions(repository: FakeRepository) {
  const numbers = Object.keys(repository).flatMap(
    (revision) => /^refs\/pr\/(\d+)$/.exec(revision)?.[1] ?? [],
  );
  const all = numbers.map((num) => ({
    num: Number(num),
    isPullRequest: true,
    status: 'open',
    author: { name: Number(num) % 2 === 1 ? CONVERTER : 'somebody' },
  }));
  return { discussions: all, count: all.length, start: 0 };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}
