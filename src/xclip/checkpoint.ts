import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { backgroundHash, readCard } from './card.ts';
import { CheckpointError } from './checkpoint-error.ts';
import { fingerprint } from './fingerprint.ts';
import { type ScoreGraphs, scoreGraphs } from './graph/score-graph.ts';
import { textGraph } from './graph/text-graph.ts';
import { videoGraph } from './graph/video-graph.ts';
import { type ModelConfig, readModelConfig } from './model-config.ts';
import { type Preprocessing, readPreprocessing } from './preprocessing.ts';
import { readStoredTensors, type StoredTensors } from './safetensors.ts';
import { readTokenizer } from './tokenizer.ts';
import type { Framing, ModelCard } from './xclip.ts';

/** A checkpoint folder, read and checked; the weights stay in their file. */
export interface Checkpoint {
  name: string;
  bundled: boolean;
  fingerprint: string;
  /** The name of the rule by which frames are taken from a clip. */
  sampling: string;
  config: ModelConfig;
  preprocessing: Preprocessing;
  framing: Framing;
  card: ModelCard;
  backgroundHash: string;
  tokenizerPath: string;
  /** Without symlinks: the graphs name the weights by their base name. */
  weightsPath: string;
  tensors: StoredTensors;
  /** ONNX files. */
  graphs: { video: Uint8Array; text: Uint8Array; score: ScoreGraphs };
}

/**
 * Reads and checks a checkpoint folder in the hub's layout: `config.json`, `model.safetensors`, `tokenizer.json`,
 * `preprocessor_config.json` and, if there, our own `clipql.json`. Files may be symlinks, as in the hub's cache.
 * @throws CheckpointError naming the file and tensor that cannot be used.
 */
export async function loadCheckpoint(
  folder: string,
  name: string,
  bundled: boolean,
  sampling = 'UNIFORM',
): Promise<Checkpoint> {
  const config = await readModelConfig(join(folder, 'config.json'));
  const preprocessing = await readPreprocessing(
    join(folder, 'preprocessor_config.json'),
    config.vision_config.image_size,
  );
  const tokenizerPath = join(folder, 'tokenizer.json');
  const { vocab_size, max_position_embeddings } = config.text_config;
  await readTokenizer(tokenizerPath, vocab_size, max_position_embeddings);
  const card = await readCard(join(folder, 'clipql.json'));

  const weightsPath = await realpath(join(folder, 'model.safetensors')).catch((cause: Error) => {
    throw new CheckpointError(
      join(folder, 'model.safetensors'),
      `the weights cannot be read (${cause.message}).`,
      {
        cause,
      },
    );
  });
  const parts = {
    name,
    bundled,
    sampling,
    config,
    preprocessing,
    framing: preprocessing.framing,
    card,
    backgroundHash: backgroundHash(card.background),
    tokenizerPath,
  };
  const checkpoint = await withWeights(parts, weightsPath);
  return {
    ...checkpoint,
    fingerprint: await fingerprint(weightsPath, tokenizerPath, config, preprocessing, sampling),
  };
}

/**
 * Takes the weights from this file.
 * @throws CheckpointError naming the tensor that cannot be used.
 */
export async function withWeights<Parts extends Pick<Checkpoint, 'config' | 'preprocessing'>>(
  parts: Parts,
  weightsPath: string,
): Promise<Parts & Pick<Checkpoint, 'weightsPath' | 'tensors' | 'graphs'>> {
  const { config, preprocessing } = parts;
  const tensors = await readStoredTensors(weightsPath);
  const weights = { path: weightsPath, tensors };
  const graphs = {
    video: videoGraph(config, preprocessing, weights),
    text: textGraph(config, weights),
    score: scoreGraphs(config, weights),
  };
  return { ...parts, weightsPath, tensors, graphs };
}
