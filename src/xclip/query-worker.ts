import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type InferenceSession, Tensor } from 'onnxruntime-node-gpu';
import { answer } from './request-reply.ts';
import { createSession } from './session.ts';
import { readTokenizer } from './tokenizer.ts';
import { featureBytes, type PatchFeatures } from './xclip.ts';

// A worker thread for texts and scores: one request at a time, each a short run.

/** What the worker is started with. */
export interface QueryModel {
  text: Uint8Array;
  score: Uint8Array;
  weightsPath: string;
  tokenizerPath: string;
  vocabulary: number;
  positions: number;
  /** P and D. */
  patches: number;
  dimensions: number;
}

export type QueryRequest =
  | { task: 'open' | 'close' }
  | { task: 'tokenize'; texts: string[] }
  /** Texts of one length. */
  | { task: 'embed'; tokens: number[][] }
  /** `texts` [K, D], `clips` [N, D], `features` of N clips. */
  | { task: 'score'; texts: Float32Array; clips: Float32Array; features: PatchFeatures[] };

const port = parentPort as NonNullable<typeof parentPort>;
const model = workerData as QueryModel;
const ready = open();
ready.catch(() => {}); // Told to each request.

async function open() {
  const { weightsPath, tokenizerPath, vocabulary, positions } = model;
  const tokenize = await readTokenizer(tokenizerPath, vocabulary, positions);
  const text = await createSession({ model: model.text, weightsPath });
  const score = await createSession({ model: model.score, weightsPath });
  return { tokenize, text, score };
}

async function handle(request: QueryRequest): Promise<unknown> {
  if (request.task === 'close') return leave();
  const { tokenize, text, score } = await ready;
  switch (request.task) {
    case 'open':
      return undefined;
    case 'tokenize':
      return request.texts.map(tokenize);
    case 'embed':
      return embed(text, request.tokens);
    case 'score':
      return scores(score, request.texts, request.clips, request.features);
  }
}

// Ending the worker from outside during a run would abort the whole process: it releases its sessions and leaves.
async function leave(): Promise<void> {
  const sessions = await ready.catch(() => null);
  await sessions?.text.release();
  await sessions?.score.release();
  port.close();
}

async function embed(session: InferenceSession, tokens: number[][]): Promise<Float32Array> {
  const ids = BigInt64Array.from(tokens.flat(), BigInt);
  const { embeddings } = await session.run({
    ids: new Tensor('int64', ids, [tokens.length, ids.length / tokens.length]),
  });
  return embeddings?.data as Float32Array;
}

async function scores(
  session: InferenceSession,
  texts: Float32Array,
  clips: Float32Array,
  features: PatchFeatures[],
): Promise<Float32Array> {
  const { patches: P, dimensions: D } = model;
  const visual = new Uint16Array(features.length * P * D);
  const bytes = featureBytes('fp16', P, D);
  for (const [i, of] of features.entries()) {
    const place = new Uint8Array(visual.buffer, i * bytes, bytes);
    if ('bytes' in of) copy(place, of.bytes);
    else read(place, of.path, of.offset);
  }
  const { logits } = await session.run({
    texts: new Tensor('float32', texts, [texts.length / D, D]),
    clips: new Tensor('float32', clips, [features.length, D]),
    patch_features: new Tensor('float16', visual, [features.length, P, D]),
  });
  return logits?.data as Float32Array;
}

function copy(place: Uint8Array, features: Uint8Array): void {
  if (features.length !== place.length) {
    throw new RangeError(`Patch features: ${features.length} bytes, not ${place.length}.`);
  }
  place.set(features);
}

function read(bytes: Uint8Array, path: string, offset: number): void {
  const file = openSync(path, 'r');
  try {
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(file, bytes, done, bytes.length - done, offset + done);
      if (count === 0)
        throw new RangeError(`Patch features: ${done} bytes at ${offset}, not ${bytes.length}.`);
      done += count;
    }
  } finally {
    closeSync(file);
  }
}

port.on('message', (request: QueryRequest) => answer(request, handle, (reply) => port.postMessage(reply)));
