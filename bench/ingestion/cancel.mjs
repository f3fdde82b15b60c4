// From cancelIngestion to the moment nothing of it runs any more, 20 times, at random moments: node cancel.mjs.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ask, startServer } from './server.mjs';

const TRIES = 20;
const run = promisify(execFile);

const root = mkdtempSync(join(tmpdir(), 'clipql-bench-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
const server = startServer({ DATA_DIR: join(root, 'data'), MEDIA_DIRS: root });
const url = await server.ready;

const times = [];
for (let i = 0; i < TRIES; i++) {
  const path = join(root, `${i}.mp4`);
  await run('ffmpeg', [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    `testsrc2=duration=120:size=1280x720:rate=25,hue=h=${i}`,
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    '-y',
    path,
  ]);
  const made = await ask(url, 'mutation ($input: IngestVideoInput!) { ingestVideo(input: $input) { id } }', {
    input: { path },
  });
  const { id } = made.ingestVideo;
  while (
    (await ask(url, 'query ($id: ID!) { ingestion(id: $id) { stage } }', { id })).ingestion.stage === null
  )
    await setTimeout(20);
  await setTimeout(Math.random() * 3000);
  const begun = performance.now();
  await ask(url, 'mutation ($id: ID!) { cancelIngestion(id: $id) { state } }', { id });
  while (readsIt(path)) await setTimeout(5);
  times.push(performance.now() - begun);
}
times.sort((a, b) => a - b);
console.log(`stopped after ${times.map((time) => time.toFixed(0)).join(', ')} ms`);
server.kill('SIGTERM');
await server.ended;

/** Whether some process below the server has the file on its command line. */
function readsIt(path) {
  const pids = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  return pids.some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path);
    } catch {
      return false;
    }
  });
}
