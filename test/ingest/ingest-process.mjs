// A process that ingests until the queue is empty, to be killed by kill-9.test.ts: DATA_DIR, then the files to queue.
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pino from 'pino';
import { openDatabase } from '#src/db/open-database.js';
import { createIngest } from '#src/ingest/ingest.js';
import { createMetrics } from '#src/metrics.js';
import { createModels } from '#src/models/models.js';
import { createStore } from '#src/store/store.js';

const [dataDir, ...paths] = process.argv.slice(2);
const db = await openDatabase({ dataDir });
const store = createStore(db, dataDir);
const log = pino({ level: 'silent' });
const models = createModels({
  ...{ store, hub: { cache: '/nowhere', endpoint: 'http://127.0.0.1:9', token: null, offline: true } },
  options: { precision: 'fp32', provider: 'cpu', features: 'fp16' },
  ...{ sampling: null, log, say: () => {}, onActive: () => {} },
});
await models.start('bundled');
await store.queue.requeueRunning();
await store.sweep();
const ingest = createIngest({
  ...{ store, models, log, metrics: createMetrics(), mediaDirs: paths.map(dirname) },
  downloads: { maxBytes: 1e9, hosts: [], ytdlp: null },
});
for (const path of paths) await ingest.enqueue({ path });
ingest.start();
console.log('started');

const unfinished = async () => {
  const { edges } = await store.ingestions.page({ first: 100 });
  return edges.some(({ node }) => node.finishedAt === null);
};
while (await unfinished()) await setTimeout(50);
await ingest.stop();
await models.close();
await db.close();
console.log('finished');
