import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp } from '#src/app.js';
import { readSettings } from '#src/config.js';
import { dropServerDatabaseOf, serverDatabaseOf } from './db/fresh-database.ts';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what GraphQL answers has the shape of the question
  data: any;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string } }[];
}

/**
 * A whole server on a port of its own, with the bundled model and no samples; its database is on the server of
 * TEST_DATABASE_URL when that is set, else embedded.
 */
export interface TestApp extends App {
  dataDir: string;
  token: string;
  /** Asks with the admin token unless `headers` says otherwise. */
  ask(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  /** Ingests a file by its path and waits for the end. */
  ingest(input: object): Promise<Answer['data']>;
  /** Closes it and removes what it wrote. */
  remove(): Promise<void>;
}

export async function startApp(environment: Record<string, string> = {}): Promise<TestApp> {
  const dataDir = environment.DATA_DIR ?? (await mkdtemp(join(tmpdir(), 'clipql-test-')));
  const url = await serverDatabaseOf(dataDir);
  const settings = readSettings({
    PORT: '0',
    ...(url && { DATABASE_URL: url }),
    DATA_DIR: dataDir,
    MODEL: 'bundled',
    SAMPLES: 'off',
    HF_HUB_CACHE: join(dataDir, 'no-cache'),
    LOG_LEVEL: 'error',
    ...environment,
  });
  const app = await createApp(settings, () => {});
  const token = settings.adminToken ?? (await readFile(join(dataDir, 'admin-token'), 'utf8')).trim();

  async function ask(query: string, variables = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as Omit<Answer, 'status'>;
    return { status: response.status, data, ...(errors && { errors }) };
  }

  async function ingest(input: object) {
    const made = await ask(
      'mutation ($input: IngestVideoInput!) { ingestVideo(input: $input) { id state } }',
      { input },
    );
    if (made.errors) throw new Error(made.errors[0]?.message);
    return ended(made.data.ingestVideo.id);
  }

  /** Asks again and again, as a client does, until the ingestion has ended. */
  async function ended(id: string): Promise<Answer['data']> {
    for (;;) {
      const { data } = await ask(
        `query ($id: ID!) { ingestion(id: $id) {
           id state stage progress attempts duplicate createdAt finishedAt
           source { kind name } error { code message retryable } video { id title searchable } } }`,
        { id },
      );
      if (!['QUEUED', 'RUNNING'].includes(data.ingestion.state)) return data.ingestion;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  return {
    ...app,
    dataDir,
    token,
    ask,
    ingest,
    async remove() {
      await app.close();
      await dropServerDatabaseOf(dataDir);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The same with the samples of the drawn world, ingested: their titles, in lower case, say what they show. */
export async function startWithSamples(
  environment: Record<string, string> = {},
): Promise<{ app: TestApp; ids: Map<string, string> }> {
  const app = await startApp({ SAMPLES: 'on', ...environment });
  for (;;) {
    const { data } = await app.ask('{ ingestions { counts { queued running succeeded } } }');
    const { queued, running, succeeded } = data.ingestions.counts;
    if (queued + running === 0 && succeeded > 0) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { data } = await app.ask('{ videos(first: 100) { edges { node { id title } } } }');
  const nodes: { id: string; title: string }[] = data.videos.edges.map(
    (edge: { node: { id: string; title: string } }) => edge.node,
  );
  return { app, ids: new Map(nodes.map(({ id, title }) => [title.toLowerCase(), id])) };
}
