import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient as createStreamClient } from 'graphql-sse';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { openServerDatabase } from '#src/db/server-database.js';
import { serverDatabaseOf } from '../db/fresh-database.ts';
import { makeClip } from '../make-clip.ts';
import { startApp, type TestApp } from '../start-app.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clipql-media-')));
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const WATCH =
  'subscription ($id: ID) { ingestionUpdated(id: $id) { id state stage progress error { code } video { id } } }';
let app: TestApp;

// biome-ignore lint/suspicious/noExplicitAny: what GraphQL answers has the shape of the question
type Event = any;
type Subscribe = (query: string, variables?: Record<string, unknown>) => AsyncIterableIterator<Event>;

beforeAll(async () => {
  app = await startApp({ MEDIA_DIRS: folder });
});
afterAll(async () => {
  await app?.remove();
  rmSync(folder, { recursive: true });
});

const socketUrl = () => `${app.url.replace('http', 'ws')}/graphql`;

function overWebSocket(): Subscribe {
  const client = createClient({ url: socketUrl(), webSocketImpl: WebSocket, retryAttempts: 0 });
  return (query, variables) => client.iterate({ query, variables }) as AsyncIterableIterator<Event>;
}

function overEvents(): Subscribe {
  const client = createStreamClient({ url: `${app.url}/graphql/stream`, retryAttempts: 0 });
  return (query, variables) => client.iterate({ query, variables }) as AsyncIterableIterator<Event>;
}

async function queued(name: string, seconds: number, colour: string): Promise<string> {
  const path = makeClip(join(folder, name), { seconds, colour, rate: 5 });
  const { data } = await app.ask(
    'mutation ($input: IngestVideoInput!) { ingestVideo(input: $input) { id } }',
    { input: { path } },
  );
  return data.ingestVideo.id;
}

describe.each([
  ['WebSocket', overWebSocket],
  ['server-sent events', overEvents],
] as const)('by %s', (name, connect) => {
  const subscribe: Subscribe = (query, variables) => connect()(query, variables);

  test('an ingestion is followed from now to its end', async () => {
    const id = await queued(`${name}.mp4`, 3, name === 'WebSocket' ? 'red' : 'blue');
    const events: Event[] = [];
    for await (const { data, errors } of subscribe(WATCH, { id })) {
      expect(errors).toBeUndefined();
      events.push(data.ingestionUpdated);
    }
    expect(events.every((event) => event.id === id)).toBe(true);
    expect(events.at(-1)).toMatchObject({ state: 'SUCCEEDED', progress: 1, stage: null });
    const stages = events.map(({ stage }) => stage).filter(Boolean);
    expect([...new Set(stages)].at(-1)).toBe('embed');
    const order = events.map(({ progress }) => progress);
    expect(order).toEqual(order.toSorted((a, b) => a - b));

    const again = [];
    for await (const { data } of subscribe(WATCH, { id })) again.push(data.ingestionUpdated.state);
    expect(again).toEqual(['SUCCEEDED']); // how it is now, which is its end
  });

  test('without an id every ingestion is told of', async () => {
    const events = subscribe('subscription { ingestionUpdated { id state } }');
    const first = events.next();
    const id = await queued(`all ${name}.mp4`, 2, name === 'WebSocket' ? 'green' : 'yellow');
    const seen = new Set<string>();
    for (let event = await first; ; event = await events.next()) {
      if (event.value.data.ingestionUpdated.id === id) seen.add(event.value.data.ingestionUpdated.state);
      if (seen.has('SUCCEEDED')) break;
    }
    expect([...seen]).toContain('RUNNING');
    await events.return?.();
  });

  test.each([
    ['an unknown id', WATCH, { id: UNKNOWN }, 'NOT_FOUND'],
    ['a malformed id', WATCH, { id: 'nonsense' }, 'NOT_FOUND'],
    ['a query', '{ model { name } }', {}, 'BAD_USER_INPUT'],
    ['a mutation', `mutation { deleteVideo(id: "${UNKNOWN}") }`, {}, 'BAD_USER_INPUT'],
    ['what does not parse', 'subscription {', {}, 'GRAPHQL_PARSE_FAILED'],
    ['what is not in the schema', 'subscription { nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['a wrong variable', WATCH, { id: { a: 1 } }, 'BAD_USER_INPUT'],
    [
      'too many aliases',
      `subscription { ingestionUpdated { ${Array.from({ length: 40 }, (_, i) => `a${i}: id`).join(' ')} } }`,
      {},
      'TOO_COSTLY',
    ],
  ])('%s is refused with a code', async (_what, query, variables, code) => {
    const codes = await subscribe(query, variables)
      .next()
      .then(
        ({ value }) => value.errors.map((error: Event) => error.extensions.code),
        (errors) => errors.map((error: Event) => error.extensions.code), // as graphql-ws hands them out
      );
    expect(codes).toEqual([code]);
  });
});

/** What a WebSocket handshake with these headers ends with. */
function handshake(url: string, headers: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.on('error', (error) => resolve(error.message));
  });
}

test('a page of another site cannot open a WebSocket', async () => {
  const own = new URL(app.url).host;
  expect(await handshake(socketUrl(), {})).toBe('open');
  expect(await handshake(socketUrl(), { origin: `http://${own}` })).toBe('open');
  const foreign: Record<string, string>[] = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { host: 'evil.example' },
  ];
  for (const headers of foreign) {
    expect(await handshake(socketUrl(), headers)).toContain('403');
  }
  expect(await handshake(`${socketUrl()}/other`, {})).toContain('404');
});

test('clients that are gone before their refusal harm nobody', async () => {
  const { port, host } = new URL(app.url);
  const request = `GET /graphql HTTP/1.1\r\nHost: ${host}\r\nOrigin: http://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
  await Promise.all(
    Array.from(
      { length: 20 },
      () =>
        new Promise((resolve) => {
          const socket = connect(Number(port), '127.0.0.1', () =>
            socket.write(request, () => socket.resetAndDestroy()),
          );
          socket.on('close', resolve);
        }),
    ),
  );
  expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
});

test('a connection may have only so many subscriptions at once', async () => {
  const subscribe = overWebSocket();
  const refused = (query: string) =>
    subscribe(query)
      .next()
      .then(
        () => null,
        (errors) => errors[0].extensions.code,
      );
  // Those that failed have ended: they do not count.
  for (let i = 0; i < 60; i++) expect(await refused('{ model { name } }')).toBe('BAD_USER_INPUT');
  const open = Array.from({ length: 51 }, () => refused('subscription { ingestionUpdated { id } }'));
  expect(await Promise.race(open)).toBe('TOO_COSTLY');
});

test('the stream of one connection for many subscriptions is not offered', async () => {
  const response = await fetch(`${app.url}/graphql/stream`, { method: 'PUT' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST']);
});

test('the metrics tell what was done', async () => {
  const text = await (await fetch(`${app.url}/metrics`)).text();
  const metric = (name: string) =>
    Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1]);
  expect(metric('clipql_ingestions{state="SUCCEEDED"}')).toBe(4);
  expect(metric('clipql_ingestions{state="QUEUED"}')).toBe(0);
  expect(metric('clipql_ingestions_ended_total{outcome="succeeded",code=""}')).toBe(4);
  expect(metric('clipql_stage_seconds_count{stage="embed"}')).toBe(4);
  expect(metric('clipql_encoder_clips_total')).toBe(4);
  expect(metric('clipql_encoder_busy_seconds_total')).toBeGreaterThan(0);
  expect(metric('clipql_queue_age_seconds')).toBe(0);
});

test.runIf(process.env.TEST_DATABASE_URL)('a stream outlives the connection to the database', async () => {
  const events = overWebSocket()('subscription { ingestionUpdated { id state } }');
  const first = events.next();
  const db = await openServerDatabase((await serverDatabaseOf(app.dataDir)) as string);
  const broken = await db.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND query LIKE 'LISTEN %'`,
  );
  expect(broken).toHaveLength(1);
  await db.close();
  const id = await queued('after the break.mp4', 2, 'purple');
  for (let event = await first; ; event = await events.next()) {
    const { ingestionUpdated } = event.value.data;
    if (ingestionUpdated.id === id && ingestionUpdated.state === 'SUCCEEDED') break;
  }
  await events.return?.();
});

test('a request that is no stream is told what to send', async () => {
  const requests: [string, RequestInit][] = [
    ['/graphql/stream', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }],
    ['/graphql/stream', { headers: { accept: 'text/event-stream' } }],
    ['/graphql/stream', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } }],
  ];
  for (const [path, init] of requests) {
    const response = await fetch(app.url + path, init);
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect([response.status, errors[0]?.extensions.code]).toEqual([400, 'BAD_USER_INPUT']);
  }
});

test('an orderly stop says goodbye to open streams', async () => {
  const other = await startApp();
  const client = createClient({
    ...{ url: `${other.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, retryAttempts: 0 },
  });
  const goodbye = new Promise((resolve) =>
    client.on('closed', (event) => resolve((event as CloseEvent).code)),
  );
  const connected = new Promise((resolve) => client.on('connected', resolve));
  const socket = client.iterate({ query: 'subscription { ingestionUpdated { id } }' }).next();
  socket.catch(() => {});
  const stream = await fetch(`${other.url}/graphql/stream`, {
    ...{ method: 'POST', body: JSON.stringify({ query: 'subscription { ingestionUpdated { id } }' }) },
    headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
  });
  await connected;
  await Promise.all([other.remove(), stream.text().catch(() => {})]);
  expect(await goodbye).toBe(1001); // going away, not cut
});
