// A folder through a whole server: node folder.mjs COUNT [FOLDER …]. COUNT files are generated; the files of the folders come too.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeFiles } from './make-files.mjs';
import { allIngestions, ask, counts, memoryOf, startServer } from './server.mjs';

const [count, ...folders] = process.argv.slice(2);
const root = mkdtempSync(join(tmpdir(), 'clipql-bench-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const media = join(root, 'media');
await makeFiles(join(media, 'generated'), Number(count));
for (const folder of folders) cpSync(folder, join(media, basename(folder)), { recursive: true });

const server = startServer({ DATA_DIR: join(root, 'data'), MEDIA_DIRS: media });
const url = await server.ready;
const begun = performance.now();
console.log(
  await ask(
    url,
    'mutation ($input: IngestFolderInput!) { ingestFolder(input: $input) { found queued known skipped } }',
    { input: { path: media } },
  ),
);
let peak = { sum: 0, largest: 0 };
for (;;) {
  const { queued, running } = await counts(url);
  const now = memoryOf(server.pid);
  peak = { sum: Math.max(peak.sum, now.sum), largest: Math.max(peak.largest, now.largest) };
  if (queued + running === 0) break;
  await setTimeout(100);
}
const minutes = (performance.now() - begun) / 60_000;
const outcomes = new Map();
for (const { state, duplicate, error } of await allIngestions(url)) {
  const outcome = error?.code ?? (duplicate ? 'duplicate' : state);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}
const metrics = await (await fetch(`${url}/metrics`)).text();
const metric = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
const clips = metric('clipql_encoder_clips_total');
console.log('outcomes', Object.fromEntries(outcomes));
console.log(`${clips} clips in ${minutes.toFixed(2)} minutes: ${(clips / minutes).toFixed(0)} a minute`);
console.log(
  `encoder busy ${((100 * metric('clipql_encoder_busy_seconds_total')) / (minutes * 60)).toFixed(1)} % of the time`,
);
console.log(`peak memory: ${peak.sum.toFixed(0)} MB in all, ${peak.largest.toFixed(0)} MB of one process`);
server.kill('SIGTERM');
await server.ended;
