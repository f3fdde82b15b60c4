import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node-gpu';
import { expect, test } from 'vitest';
import { loadCheckpoint, withWeights } from '#src/xclip/checkpoint.js';
import { textGraph } from '#src/xclip/graph/text-graph.js';
import { videoGraph } from '#src/xclip/graph/video-graph.js';
import { encodeSamples } from '#src/xclip/int8/encode-samples.js';
import { int8Tensors } from '#src/xclip/int8/int8-tensors.js';
import { planLayers } from '#src/xclip/int8/plan-layers.js';
import { writeSafetensors } from '#src/xclip/int8/write-safetensors.js';
import { CASES, copyOf, expected, relativeError } from '../fixtures.js';

// What is expected was computed by the reference implementation: fixtures/make_fixtures.py.
test.each(CASES)('%s: balancing columns changes nothing in fp32', async (name) => {
  const checkpoint = await loadCheckpoint(copyOf(name), name, false);
  const { config, preprocessing, weightsPath, tensors } = checkpoint;
  const wanted = expected(name);
  const frames = new Tensor('uint8', wanted.frames?.data as Uint8Array, wanted.frames?.shape as number[]);
  const ids = new Tensor('int64', wanted.ids?.data as BigInt64Array, wanted.ids?.shape as number[]);

  const weights = { path: weightsPath, tensors };
  const video = videoGraph(config, preprocessing, weights, { observing: true });
  const seen = [
    await encodeSamples(video, weightsPath, [frames]),
    await encodeSamples(textGraph(config, weights, { observing: true }), weightsPath, [ids]),
  ];
  const observations = new Map(seen.flatMap(({ observations }) => [...observations]));
  const path = join(weightsPath, '../balanced.safetensors');
  const file = await open(weightsPath);
  const { plan, ranking } = await planLayers(file, tensors, observations, 8);
  await writeSafetensors(path, {}, int8Tensors(file, tensors, plan, new Set(ranking), 8));
  await file.close();

  const balanced = await withWeights(checkpoint, path);
  expect(plan.divided.size).toBeGreaterThan(0);
  for (const factors of plan.divided.values()) expect(factors.every((factor) => factor > 0)).toBe(true);
  const { embeddings } = await encodeSamples(balanced.graphs.video, path, [frames]);
  const error = relativeError(embeddings[0] as Float32Array, wanted.embedding?.data as Float32Array);
  expect(error).toBeLessThan(1e-5);
  const [before] = seen[1]?.embeddings ?? [];
  const after = await encodeSamples(balanced.graphs.text, path, [ids]);
  expect(relativeError(after.embeddings[0] as Float32Array, before as Float32Array)).toBeLessThan(1e-5);
});
