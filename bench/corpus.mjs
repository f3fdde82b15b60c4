// The corpus of hostile files through a whole server, uploaded one by one while searches go on: node corpus.mjs [SEED].
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeCorpus } from '../test/media/corpus/make-corpus.mjs';
import { ask, childrenOf, startServer, TOKEN } from './ingestion/server.mjs';

/** Uploads under way at a time. */
const AT_A_TIME = 4;

const root = mkdtempSync(join(tmpdir(), 'clipql-bench-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const cases = await makeCorpus(join(root, 'corpus'), Number(process.argv[2] ?? 1));
const server = startServer({ DATA_DIR: join(root, 'data'), LOG_LEVEL: 'silent' });
const url = await server.ready;
const search = async () => {
  const begun = performance.now();
  await ask(url, '{ searchVideos(text: "a red square moves to the left") { edges { score } } }');
  return performance.now() - begun;
};
for (let i = 0; i < 5; i++) await search();

let finished = false;
const meanwhile = (async () => {
  const latencies = [];
  while (!finished) {
    latencies.push(await search());
    await setTimeout(200);
  }
  return latencies.sort((a, b) => a - b);
})();
/** The largest of ffmpeg and ffprobe, by the system's own record of the peak. */
const watching = (async () => {
  let largest = { mb: 0 };
  while (!finished) {
    for (const { name, peak } of childrenOf(server.pid))
      if (/^ff/.test(name) && peak > largest.mb) largest = { name, mb: peak };
    await setTimeout(20);
  }
  return largest;
})();

const begun = performance.now();
const waiting = [...cases];
const ended = [];
await Promise.all(
  Array.from({ length: AT_A_TIME }, async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) ended.push(await ingest(next));
  }),
);
finished = true;

const table = {};
for (const { kind, outcome } of ended) {
  table[kind] ??= {};
  table[kind][outcome] = (table[kind][outcome] ?? 0) + 1;
}
console.table(table);
const wrong = ended.filter(({ outcome, wanted }) => outcome === 'INTERNAL' || (wanted && outcome !== wanted));
const [longest] = ended.sort((a, b) => b.seconds - a.seconds);
const latencies = await meanwhile;
const quantile = (share) => Math.round(latencies[Math.floor(share * (latencies.length - 1))]);
console.log({
  cases: ended.length,
  seconds: Math.round((performance.now() - begun) / 1000),
  notAsExpected: wrong.map(({ kind, name, outcome }) => `${kind}, ${JSON.stringify(name)}: ${outcome}`),
  longest: `${longest.seconds.toFixed(1)} s, ${longest.kind}, ${JSON.stringify(longest.name)}, with the wait in the queue`,
  largestChild: await watching,
  searchesMeanwhile: {
    count: latencies.length,
    medianMs: quantile(0.5),
    p95Ms: quantile(0.95),
    longestMs: quantile(1),
  },
  stillServing: (await fetch(`${url}/health/ready`)).status === 200,
});
server.kill('SIGTERM');
const [code] = await server.ended;
process.exitCode = code || wrong.length > 0 ? 1 : 0;

/** Uploads a file, has it ingested and waits for the end. */
async function ingest({ kind, name, path, outcome: wanted }) {
  const began = performance.now();
  const uploadId = await upload(name, readFileSync(path));
  const { ingestVideo } = await ask(
    url,
    'mutation ($input: IngestVideoInput!) { ingestVideo(input: $input) { id } }',
    { input: { uploadId } },
  );
  for (;;) {
    const { ingestion } = await ask(
      url,
      'query ($id: ID!) { ingestion(id: $id) { state error { code } } }',
      ingestVideo,
    );
    const seconds = (performance.now() - began) / 1000;
    if (ingestion.state === 'SUCCEEDED') return { kind, name, wanted, seconds, outcome: 'VIDEO' };
    if (ingestion.state === 'FAILED') return { kind, name, wanted, seconds, outcome: ingestion.error.code };
    await setTimeout(100);
  }
}

/** Sends a file by the tus protocol; the upload's id. */
async function upload(name, bytes) {
  const headers = { authorization: `Bearer ${TOKEN}`, 'tus-resumable': '1.0.0' };
  const filename = Buffer.from(name).toString('base64');
  const made = await fetch(`${url}/uploads`, {
    method: 'POST',
    headers: { ...headers, 'upload-length': String(bytes.length), 'upload-metadata': `filename ${filename}` },
  });
  const place = made.headers.get('location');
  if (!place)
    throw new Error(`${JSON.stringify(name)} cannot be uploaded: ${made.status} ${await made.text()}`);
  if (bytes.length > 0) {
    await fetch(new URL(place, url), {
      method: 'PATCH',
      headers: { ...headers, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
      body: bytes,
    });
  }
  return place.split('/').at(-1);
}
