import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Checkpoint } from './checkpoint.ts';
import { encodeTexts } from './encode-texts.ts';
import { featureBytes } from './feature-layout.ts';
import { patchCount } from './model-config.ts';
import { createPacer } from './pacer.ts';
import type { QueryRuns } from './query-runs.ts';
import type { QueryModel, QueryRequest } from './query-worker.ts';
import { ask } from './request-reply.ts';
import { scorePairs } from './score-pairs.ts';
import { createTurns } from './turns.ts';
import type { XClip } from './xclip.ts';

/** Bytes of patch features in a run, as fp32: more leave the processor's cache, and take more memory and time a clip. */
const MOST_FEATURES = 8 * 2 ** 20;
/** Megabytes of young objects in the worker, by default 48: what is left of requests waits there to be collected. */
const YOUNG_OBJECTS = 2;

/**
 * Texts and scores, computed in a worker thread in short runs that concurrent callers take in turn.
 * @throws Error when the runtime cannot use the checkpoint's graphs.
 */
export async function openQueryEngine(
  checkpoint: Checkpoint,
): Promise<Pick<XClip, 'encodeTexts' | 'score' | 'close'>> {
  const model = queryModel(checkpoint);
  const turns = createTurns();
  const pacer = createPacer();
  let worker: Worker | null = null;
  let closed = false;

  const run: QueryRuns['run'] = <T>(
    request: QueryRequest,
    signal?: AbortSignal,
    amount?: { kind: string; units: number },
  ) =>
    turns(async () => {
      if (closed) throw new Error('The model is closed.');
      worker ??= start();
      const began = performance.now();
      const result = await ask(worker, request, { transferred: buffersOf(request) });
      if (amount) pacer.ran(amount.kind, amount.units, performance.now() - began);
      return result as T;
    }, signal);

  // At the first run, and after a crash.
  function start(): Worker {
    const started = new Worker(new URL('./query-worker.js', import.meta.url), {
      workerData: model,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_OBJECTS },
    });
    started.on('error', () => {}); // The request under way tells it; 'exit' follows.
    started.once('exit', () => {
      if (worker === started) worker = null;
    });
    return started;
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

  await run({ task: 'open' }).catch(async (error) => {
    await close();
    throw error;
  });
  const bytes = featureBytes('fp32', model.patches, model.dimensions);
  const mostClips = Math.max(1, Math.floor(MOST_FEATURES / bytes));
  const runs: QueryRuns = { run, pacer, mostClips };
  return {
    encodeTexts: (texts, signal) => encodeTexts(runs, texts, signal),
    score: (texts, clips, signal) => scorePairs(runs, texts, clips, signal),
    close,
  };
}

/** What the worker takes over instead of copying it. */
function buffersOf(request: QueryRequest): ArrayBuffer[] {
  return request.task === 'score'
    ? [request.texts, request.clips].map(({ buffer }) => buffer as ArrayBuffer)
    : [];
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
