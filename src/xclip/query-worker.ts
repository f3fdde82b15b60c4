import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type InferenceSession, Tensor } from 'onnxruntime-node-gpu';
import { answer } from './request-reply.ts';
import { createSession } from './session.ts';
import { readTokenizer } from './tokenizer.ts';
import type { PatchFeatures } from './xclip.ts';

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
  features.forEach((of, i) => fill(visual.subarray(i * P * D, (i + 1) * P * D), of));
  const { logits } = await session.run({
    texts: new Tensor('float32', texts, [texts.length / D, D]),
    clips: new Tensor('float32', clips, [features.length, D]),
    patch_features: new Tensor('float16', visual, [features.length, P, D]),
  });
  return logits?.data as Float32Array;
}

function fill(place: Uint16Array, features: PatchFeatures): void {
  if (features instanceof Uint16Array) {
    if (features.length !== place.length)
      throw new RangeError(`Patch features: ${features.length} numbers, not ${place.length}.`);
    place.set(features);
    return;
  }
  const bytes = new Uint8Array(place.buffer, place.byteOffset, place.byteLength);
  const file = openSync(features.path, 'r');
  try {
    let read = 0;
    while (read < bytes.length) {
      const count = readSync(file, bytes, read, bytes.length - read, features.offset + read);
      if (count === 0)
        throw new RangeError(`Patch features: ${read} bytes at ${features.offset}, not ${bytes.length}.`);
      read += count;
    }
  } finally {
    closeSync(file);
  }
}

port.on('message', (request: QueryRequest) => answer(request, handle, (reply) => port.postMessage(reply)));
