import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Checkpoint } from './checkpoint.ts';
import { patchCount } from './model-config.ts';
import { createPacer } from './pacer.ts';
import type { QueryModel, QueryRequest } from './query-worker.ts';
import { ask } from './request-reply.ts';
import { createTurns } from './turns.ts';
import type { ScorableClip, XClip } from './xclip.ts';

/**
 * Texts and scores, computed in a worker thread in short runs that concurrent callers take in turn.
 * @throws Error when the runtime cannot use the checkpoint's graphs.
 */
export async function openQueryEngine(
  checkpoint: Checkpoint,
): Promise<Pick<XClip, 'encodeTexts' | 'score' | 'close'>> {
  const D = checkpoint.config.projection_dim;
  const turns = createTurns();
  const pacer = createPacer();
  let worker: Worker | null = null;
  let closed = false;

  // Sends one request in its turn; a worker that crashed is started again.
  function request<T>(
    message: QueryRequest,
    signal?: AbortSignal,
    pace?: { kind: string; amount: number },
  ): Promise<T> {
    return turns(async () => {
      if (closed) throw new Error('The model is closed.');
      worker ??= start();
      const began = performance.now();
      const result = (await ask(worker, message)) as T;
      if (pace) pacer.ran(pace.kind, pace.amount, performance.now() - began);
      return result;
    }, signal);
  }

  function start(): Worker {
    const started = new Worker(new URL('./query-worker.js', import.meta.url), {
      workerData: queryModel(checkpoint),
      execArgv: [],
    });
    started.on('error', () => {}); // The request under way tells it; 'exit' follows.
    started.once('exit', () => {
      if (worker === started) worker = null;
    });
    return started;
  }

  async function encodeTexts(texts: string[], signal?: AbortSignal): Promise<Float32Array[]> {
    if (texts.length === 0) return [];
    const tokens = await request<number[][]>({ task: 'tokenize', texts }, signal);
    const embeddings = new Array<Float32Array>(texts.length);
    for (const [length, indices] of byLength(tokens)) {
      for (let i = 0; i < indices.length; ) {
        const count = Math.max(1, Math.floor(pacer.amount('tokens') / length));
        const batch = indices.slice(i, i + count);
        const message: QueryRequest = {
          task: 'embed',
          tokens: batch.map((index) => tokens[index] as number[]),
        };
        const rows = await request<Float32Array>(message, signal, {
          kind: 'tokens',
          amount: batch.length * length,
        });
        batch.forEach((index, row) => {
          embeddings[index] = rows.slice(row * D, (row + 1) * D);
        });
        i += batch.length;
      }
    }
    return embeddings;
  }

  async function score(
    texts: Float32Array[],
    clips: ScorableClip[],
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    const logits = new Float32Array(clips.length * texts.length);
    // Few texts take longer per pair than many: a clip's patch features are then read for little work.
    const kind = `${Math.ceil(Math.log2(texts.length))} pairs`;
    for (let t = 0, someTexts = texts; t < texts.length; t += someTexts.length) {
      someTexts = texts.slice(t, t + pacer.amount(kind));
      for (let c = 0, someClips = clips; c < clips.length; c += someClips.length) {
        someClips = clips.slice(c, c + Math.max(1, Math.floor(pacer.amount(kind) / someTexts.length)));
        const rows = await scoreRun(someTexts, someClips, kind, signal);
        for (let i = 0; i < someClips.length; i++) {
          const row = rows.subarray(i * someTexts.length, (i + 1) * someTexts.length);
          logits.set(row, (c + i) * texts.length + t);
        }
      }
    }
    return logits;
  }

  function scoreRun(texts: Float32Array[], clips: ScorableClip[], kind: string, signal?: AbortSignal) {
    const message: QueryRequest = {
      task: 'score',
      texts: packed(texts, D),
      clips: packed(
        clips.map((clip) => clip.embedding),
        D,
      ),
      // A view's whole buffer would travel with it.
      features: clips.map(({ patchFeatures: f }) => (f instanceof Uint16Array ? f.slice() : f)),
    };
    return request<Float32Array>(message, signal, { kind, amount: texts.length * clips.length });
  }

  async function close(): Promise<void> {
    await turns(async () => {
      closed = true;
      if (!worker) return;
      const exit = once(worker, 'exit');
      worker.postMessage({ task: 'close' } satisfies QueryRequest);
      await exit;
    });
  }

  await request({ task: 'open' }).catch(async (error) => {
    await close();
    throw error;
  });
  return { encodeTexts, score, close };
}

function queryModel({ config, graphs, weightsPath, tokenizerPath }: Checkpoint): QueryModel {
  return {
    text: graphs.text,
    score: graphs.score,
    weightsPath,
    tokenizerPath,
    vocabulary: config.text_config.vocab_size,
    positions: config.text_config.max_position_embeddings,
    patches: patchCount(config),
    dimensions: config.projection_dim,
  };
}

/** Indices of texts by their number of tokens: a batch has one length, so nothing is padded. */
function byLength(tokens: number[][]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  tokens.forEach(({ length }, index) => {
    groups.set(length, [...(groups.get(length) ?? []), index]);
  });
  return groups;
}

function packed(vectors: Float32Array[], size: number): Float32Array {
  const rows = new Float32Array(vectors.length * size);
  vectors.forEach((vector, i) => {
    rows.set(vector, i * size);
  });
  return rows;
}
