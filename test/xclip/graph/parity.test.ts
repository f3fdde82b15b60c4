import { readFileSync } from 'node:fs';
import { type InferenceSession, Tensor } from 'onnxruntime-node-gpu';
import { describe, expect, test } from 'vitest';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { mostAbsorbed } from '#src/xclip/graph/cross-attention.js';
import { scoreGraph } from '#src/xclip/graph/score-graph.js';
import { textGraph } from '#src/xclip/graph/text-graph.js';
import { videoGraph } from '#src/xclip/graph/video-graph.js';
import type { Weights } from '#src/xclip/graph/weights.js';
import { readPreprocessing } from '#src/xclip/preprocessing.js';
import { readStoredTensors, type StoredTensor } from '#src/xclip/safetensors.js';
import { createSession } from '#src/xclip/session.js';
import { readTokenizer } from '#src/xclip/tokenizer.js';
import type { FeaturesForm } from '#src/xclip/xclip.js';
import { CASES, type Expected, expected, fixture, fixtureJson, relativeError } from '../fixtures.js';

// Every number below `expected` was computed by the reference implementation: fixtures/make_fixtures.py.

const EXACT = 1e-5;
const HALF = 5e-4;
const ROUNDED = 2e-2;

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

/** A number of a checkpoint. */
function scalar({ path, tensors }: Weights, name: string): number {
  const { dtype, offset, length } = tensors.get(name) as StoredTensor;
  const bytes = readFileSync(path).subarray(offset, offset + length);
  const bits = bytes.readUIntLE(0, length);
  if (dtype === 'F32') return bytes.readFloatLE();
  if (dtype === 'BF16') return new Float32Array(Uint32Array.of(bits << 16).buffer)[0] as number;
  return (1 + (bits & 1023) / 1024) * 2 ** ((bits >> 10) - 15); // F16, positive and normal
}

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

  function encode() {
    const frames = new Tensor('uint8', wanted.frames.data as Uint8Array, wanted.frames.shape);
    return run(videoGraph(config, preprocessing, weights), weights, { frames });
  }

  /** Logits of so many texts: those of the fixture, again and again. */
  async function score(form: FeaturesForm, K: number, features: Record<string, Tensor>) {
    const [count, D] = wanted.texts.shape as [number, number];
    const rows = Float32Array.from({ length: K * D }, (_, i) => wanted.texts.data[i % (count * D)] as number);
    const texts = new Tensor('float32', rows, [K, D]);
    const inputs = { texts, clips: floats(wanted.embedding), ...features };
    const { logits } = await run(scoreGraph(config, weights, form), weights, inputs);
    expect(logits?.dims).toEqual([wanted.logits.shape[0], K]);
    return numbers(logits);
  }

  /** The logits that the reference gives for so many texts. */
  function wantedLogits(K: number): number[] {
    const [N, count] = wanted.logits.shape as [number, number];
    return Array.from({ length: N * K }, (_, i) => {
      return wanted.logits.data[Math.floor(i / K) * count + ((i % K) % count)] as number;
    });
  }

  test('video embedding and patch features', async () => {
    const { embedding, patch_features } = await encode();
    expect(embedding?.dims).toEqual(wanted.embedding.shape);
    expect(patch_features?.dims).toEqual(wanted.patch_features.shape);
    expect(relativeError(numbers(embedding), wanted.embedding.data as Float32Array)).toBeLessThan(EXACT);
    expect(relativeError(numbers(patch_features), wanted.patch_features.data as Float32Array)).toBeLessThan(
      EXACT,
    );
  });

  // On a CPU, too, where the runtime computes in fp32 what it has no fp16 for, and rounds between.
  test('video embedding and patch features in fp16', async () => {
    const frames = new Tensor('uint8', wanted.frames.data as Uint8Array, wanted.frames.shape);
    const graph = videoGraph(config, preprocessing, weights, { type: 'float16' });
    const { embedding, patch_features } = await run(graph, weights, { frames });
    const error = relativeError(numbers(embedding), wanted.embedding.data as Float32Array);
    expect(error).toBeLessThan(ROUNDED);
    expect(error).toBeGreaterThan(EXACT); // It is not fp32 that ran.
    const wantedFeatures = wanted.patch_features.data as Float32Array;
    expect(relativeError(numbers(patch_features), wantedFeatures)).toBeLessThan(ROUNDED);
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

  // The graph has a way for few texts and one for many.
  const most = mostAbsorbed(
    wanted.patch_features.shape[1] as number,
    config.projection_dim,
    config.prompt_num_attention_heads,
  );
  test.each([Math.max(1, most), most + 1])('logits of every clip and %i texts', async (K) => {
    const logits = wantedLogits(K);
    const exact = { patch_features: floats(wanted.patch_features) };
    expect(relativeError(await score('fp32', K, exact), logits)).toBeLessThan(EXACT);
    const half = { patch_features: (await encode()).patch_features_fp16 as Tensor };
    expect(relativeError(await score('fp16', K, half), logits)).toBeLessThan(HALF);

    // What int8 stands for is scored as it would be in fp32.
    const [N, P, D] = wanted.patch_features.shape as [number, number, number];
    const whole = Int8Array.from({ length: N * P * D }, (_, i) => ((i * 37) % 255) - 127);
    const scales = Float32Array.from({ length: N * P }, (_, i) => 0.01 + (i % 7) / 1000);
    const stoodFor = Float32Array.from(whole, (n, i) => n * (scales[Math.floor(i / D)] as number));
    const fp32 = { patch_features: new Tensor('float32', stoodFor, [N, P, D]) };
    const int8 = {
      patch_features: new Tensor('int8', whole, [N, P, D]),
      scales: new Tensor('float32', scales, [N, P, 1]),
    };
    const same = await score('fp32', K, fp32);
    expect(relativeError(await score('int8', K, int8), same)).toBeLessThan(EXACT);
  });

  test('logits without patch features are the scaled cosine', async () => {
    const { texts, embedding, logits } = wanted;
    const scale = Math.exp(scalar(weights, 'logit_scale'));
    const [N, K] = logits.shape as [number, number];
    const D = config.projection_dim;
    const row = (of: Expected, i: number) => [...(of.data as Float32Array).subarray(i * D, (i + 1) * D)];
    const cosines = Array.from({ length: N * K }, (_, i) => {
      const [text, clip] = [row(texts, i % K), row(embedding, Math.floor(i / K))];
      return (scale * clip.reduce((sum, x, d) => sum + x * (text[d] as number), 0)) / Math.hypot(...text);
    });
    expect(relativeError(await score('none', 8, {}), cosines)).toBeLessThan(EXACT);
  });
});
