// An API and two workers on the PostgreSQL server of DATABASE_URL, one of the workers killed every few seconds: node killed-workers.mjs COUNT.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeFiles } from './make-files.mjs';
import { allIngestions, ask, counts, startServer } from './server.mjs';

/** Milliseconds between two kills. */
const EVERY = 4000;

const count = Number(process.argv[2]);
const root = mkdtempSync(join(tmpdir(), 'clipql-bench-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const media = join(root, 'media');
await makeFiles(media, count);

const settings = { DATA_DIR: join(root, 'data'), MEDIA_DIRS: media };
const api = startServer({ ...settings, ROLE: 'api' });
const url = await api.ready;
const startWorker = () => startServer({ ...settings, ROLE: 'worker' });
const workers = [startWorker(), startWorker()];
await Promise.all(workers.map(({ ready }) => ready));
await ask(url, 'mutation ($input: IngestFolderInput!) { ingestFolder(input: $input) { queued } }', {
  input: { path: media },
});

const begun = performance.now();
let kills = 0;
for (let turn = 0; ; turn++) {
  const { queued, running } = await counts(url);
  if (queued + running === 0) break;
  await setTimeout(EVERY);
  const victim = workers[turn % 2];
  victim.kill('SIGKILL');
  await victim.ended;
  kills++;
  workers[turn % 2] = startWorker();
  await workers[turn % 2].ready;
}
console.log(`${count} files, ${kills} workers killed, ${((performance.now() - begun) / 1000).toFixed(0)} s`);

const ingestions = await allIngestions(url);
const states = new Map();
for (const { state } of ingestions) states.set(state, (states.get(state) ?? 0) + 1);
const videos = new Set(ingestions.map(({ video }) => video?.id));
const bytes = new Set(ingestions.map(({ video }) => video?.sha256));
console.log('states', Object.fromEntries(states), `videos ${videos.size}, different bytes ${bytes.size}`);
console.log('attempts', Math.max(...ingestions.map(({ attempts }) => attempts)), 'at most');
const { videos: listed } = await ask(url, '{ videos(first: 100) { edges { node { searchable } } } }');
console.log(
  'of the first page searchable',
  listed.edges.filter(({ node }) => node.searchable).length,
  'of',
  listed.edges.length,
);
for (const server of [api, ...workers]) {
  server.kill('SIGTERM');
  await server.ended;
}
