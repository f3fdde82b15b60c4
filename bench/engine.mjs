// ClipQL's side of the benchmark: node engine.mjs fp32|int8. Reads one JSON request a line and writes one JSON reply a
// line; times are milliseconds.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';

const [precision] = process.argv.slice(2);
const CLIPS = 200;
const folder = mkdtempSync(join(tmpdir(), 'clipql-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

let model;
let frames;
let encoding;
let stored = false;
let texts;
let logits;

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const tasks = {
  async load(checkpoint, framesPath) {
    frames = readFileSync(framesPath);
    return timed(async () => {
      const options = { precision, provider: 'cpu', features: 'fp16' };
      model = await openXClip(await loadCheckpoint(checkpoint, checkpoint, false), options);
      await tasks.video();
      await tasks.text(['a']);
    });
  },
  video: () =>
    timed(async () => {
      encoding = await model.encodeClip(frames);
      stored = false;
    }),
  text: (wanted) =>
    timed(async () => {
      texts = await model.encodeTexts(wanted);
    }),
  /** The texts embedded last and the clip encoded last, as stored in a file that many times. */
  score(clips) {
    const path = join(folder, 'features');
    const bytes = encoding.patchFeatures;
    // One after the other: all at once would count as memory of ours.
    for (let i = 0; !stored && i < CLIPS; i++) writeFileSync(path, bytes, { flag: i > 0 ? 'a' : 'w' });
    stored = true;
    const located = Array.from({ length: clips }, (_, i) => {
      const patchFeatures = { form: 'fp16', path, offset: i * bytes.length };
      return { embedding: encoding.embedding, patchFeatures };
    });
    return timed(async () => {
      logits = await model.score(texts, located);
    });
  },
  /** Embedding of the clip, embeddings of the texts, logits, as they were computed last. */
  outputs: () => ({
    embedding: [...encoding.embedding],
    texts: texts.flatMap((text) => [...text]),
    logits: [...logits.subarray(0, texts.length)],
  }),
  /**
   * Peak resident memory in MB: of this process and the video process, with the files that both have mapped (the program
   * and its libraries) counted once.
   */
  memory: () =>
    children().reduce(
      (sum, child) =>
        sum + memory(child, 'VmHWM') - Math.min(memory(child, 'RssFile'), memory('self', 'RssFile')),
      memory('self', 'VmHWM'),
    ),
};

/** A figure of proc(5), in MB. */
function memory(pid, figure) {
  const [, kilobytes] = new RegExp(`${figure}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kilobytes) / 1000;
}

function children() {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
}

console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const [task, ...values] = JSON.parse(line);
  console.log(JSON.stringify(await tasks[task](...values)));
}
await model?.close();
