import { parentPort, workerData } from 'node:worker_threads';
import { type InferenceSession, Tensor } from 'onnxruntime-node-gpu';
import type { ScoreGraphs } from './graph/score-graph.ts';
import { loadFeatures } from './load-features.ts';
import { answer } from './request-reply.ts';
import { createSession } from './session.ts';
import { readTokenizer } from './tokenizer.ts';
import type { FeaturesForm, PatchFeatures } from './xclip.ts';

// A worker thread for texts and scores: one request at a time, each a short run.

/** What the worker is started with. */
export interface QueryModel {
  text: Uint8Array;
  score: ScoreGraphs;
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
  | ScoreRequest;

/** `texts` [K, D], `clips` [N, D], `features` of N clips, all in one form. */
interface ScoreRequest {
  task: 'score';
  texts: Float32Array;
  clips: Float32Array;
  form: FeaturesForm;
  features: PatchFeatures[];
}

const port = parentPort as NonNullable<typeof parentPort>;
const model = workerData as QueryModel;
const ready = open();
ready.catch(() => {}); // Told to each request.

async function open() {
  const { weightsPath, tokenizerPath, vocabulary, positions } = model;
  const tokenize = await readTokenizer(tokenizerPath, vocabulary, positions);
  const text = await createSession({ model: model.text, weightsPath });
  return { tokenize, text };
}

const scoreSessions = new Map<FeaturesForm, Promise<InferenceSession>>();

/** Made when first needed: a library mostly has features of one form. */
function scoreSession(form: FeaturesForm): Promise<InferenceSession> {
  const { score, weightsPath } = model;
  const session = scoreSessions.get(form) ?? createSession({ model: score[form], weightsPath });
  scoreSessions.set(form, session);
  session.catch(() => scoreSessions.delete(form)); // The next request tries again.
  return session;
}

async function handle(request: QueryRequest): Promise<unknown> {
  if (request.task === 'close') return leave();
  const { tokenize, text } = await ready;
  switch (request.task) {
    case 'open':
      return undefined;
    case 'tokenize':
      return request.texts.map(tokenize);
    case 'embed':
      return embed(text, request.tokens);
    case 'score':
      return scores(request);
  }
}

// Ending the worker from outside during a run would abort the whole process: it releases its sessions and leaves.
async function leave(): Promise<void> {
  const opened = await ready.catch(() => null);
  await opened?.text.release();
  for (const session of scoreSessions.values()) await (await session.catch(() => null))?.release();
  port.close();
}

async function embed(session: InferenceSession, tokens: number[][]): Promise<Float32Array> {
  const ids = BigInt64Array.from(tokens.flat(), BigInt);
  const { embeddings } = await session.run({
    ids: new Tensor('int64', ids, [tokens.length, ids.length / tokens.length]),
  });
  return embeddings?.data as Float32Array;
}

async function scores({ texts, clips, form, features }: ScoreRequest): Promise<Float32Array> {
  const { patches: P, dimensions: D } = model;
  const K = texts.length / D;
  const session = await scoreSession(form);
  const { logits } = await session.run({
    texts: new Tensor('float32', texts, [K, D]),
    clips: new Tensor('float32', clips, [features.length, D]),
    ...loadFeatures(features, form, P, D),
  });
  return logits?.data as Float32Array;
}

port.on('message', (request: QueryRequest) => answer(request, handle, (reply) => port.postMessage(reply)));
