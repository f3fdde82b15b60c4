import { type InferenceSession, Tensor } from 'onnxruntime-node-gpu';
import { describe, expect, test } from 'vitest';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import type { Weights } from '#src/xclip/graph/builder.js';
import { scoreGraph } from '#src/xclip/graph/score-graph.js';
import { textGraph } from '#src/xclip/graph/text-graph.js';
import { type FeatureType, videoGraph } from '#src/xclip/graph/video-graph.js';
import { readPreprocessing } from '#src/xclip/preprocessing.js';
import { readStoredTensors } from '#src/xclip/safetensors.js';
import { createSession } from '#src/xclip/session.js';
import { readTokenizer } from '#src/xclip/tokenizer.js';
import { CASES, type Expected, expected, fixture, fixtureJson, relativeError } from '../fixtures.js';

// Every number below `expected` was computed by the reference implementation: fixtures/make_fixtures.py.

const EXACT = 1e-5;
const HALF = 5e-4;

async function run(
  model: Uint8Array,
  weights: Weights,
  inputs: Record<string, Tensor>,
): Promise<InferenceSession.OnnxValueMapType> {
  const session = await createSession({ model, weightsPath: weights.path });
  try {
    return await session.run(inputs);
  } finally {
    await session.release();
  }
}

const floats = ({ data, shape }: Expected) => new Tensor('float32', data as Float32Array, shape);
const numbers = (tensor: InferenceSession.OnnxValueMapType[string] | undefined) =>
  tensor?.data as Float32Array;

describe.each(CASES)('%s', async (name) => {
  const { config, weightsPath } = await loadCheckpoint(fixture(name), name, false);
  const preprocessing = await readPreprocessing(
    fixture(`${name}/preprocessor_config.json`),
    config.vision_config.image_size,
  );
  const weights = { path: weightsPath, tensors: await readStoredTensors(weightsPath) };
  const wanted = expected(name) as Record<
    'frames' | 'embedding' | 'patch_features' | 'texts' | 'logits',
    Expected
  >;

  function encode(features: FeatureType) {
    const frames = new Tensor('uint8', wanted.frames.data as Uint8Array, wanted.frames.shape);
    return run(videoGraph(config, preprocessing, weights, features), weights, { frames });
  }

  function score(features: FeatureType, patchFeatures: Tensor) {
    const inputs = {
      texts: floats(wanted.texts),
      clips: floats(wanted.embedding),
      patch_features: patchFeatures,
    };
    return run(scoreGraph(config, weights, features), weights, inputs);
  }

  test('video embedding and patch features', async () => {
    const { embedding, patch_features } = await encode('float32');
    expect(embedding?.dims).toEqual(wanted.embedding.shape);
    expect(patch_features?.dims).toEqual(wanted.patch_features.shape);
    expect(relativeError(numbers(embedding), wanted.embedding.data as Float32Array)).toBeLessThan(EXACT);
    expect(relativeError(numbers(patch_features), wanted.patch_features.data as Float32Array)).toBeLessThan(
      EXACT,
    );
  });

  test('text embeddings, each text at its own length', async () => {
    const { vocab_size, max_position_embeddings } = config.text_config;
    const tokenize = await readTokenizer(fixture('tokenizer.json'), vocab_size, max_position_embeddings);
    const D = config.projection_dim;
    const session = await createSession({ model: textGraph(config, weights), weightsPath: weights.path });
    const errors: number[] = [];
    for (const [i, text] of (fixtureJson('texts.json') as string[]).entries()) {
      const ids = tokenize(text);
      expect(ids.length).toBeLessThanOrEqual(max_position_embeddings);
      const input = new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, ids.length]);
      const { embeddings } = await session.run({ ids: input });
      errors.push(
        relativeError(numbers(embeddings), (wanted.texts.data as Float32Array).subarray(i * D, (i + 1) * D)),
      );
    }
    await session.release();
    expect(Math.max(...errors)).toBeLessThan(EXACT);
  });

  test('logits of every clip and text', async () => {
    const { logits } = await score('float32', floats(wanted.patch_features));
    expect(logits?.dims).toEqual(wanted.logits.shape);
    const error = relativeError(numbers(logits), wanted.logits.data as Float32Array);
    expect(error).toBeLessThan(EXACT);
  });

  test('logits with patch features kept in fp16', async () => {
    const { patch_features } = await encode('float16');
    const { logits } = await score('float16', patch_features as Tensor);
    const error = relativeError(numbers(logits), wanted.logits.data as Float32Array);
    expect(error).toBeLessThan(HALF);
  });
});
