import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node-gpu';
import { expect, onTestFinished, test } from 'vitest';
import { scoreGraphs } from '#src/xclip/graph/score-graph.js';
import { textGraph } from '#src/xclip/graph/text-graph.js';
import { videoGraph } from '#src/xclip/graph/video-graph.js';
import { readModelConfig } from '#src/xclip/model-config.js';
import { readPreprocessing } from '#src/xclip/preprocessing.js';
import { readStoredTensors } from '#src/xclip/safetensors.js';
import { fixtureJson } from '../fixtures.js';

// Configs and tensors as the reference makes them for every checkpoint on the hub: fixtures/make_fixtures.py.
interface Known {
  names: string[];
  config: {
    vision_config: { patch_size: number; num_frames: number; image_size: number };
    projection_dim?: number;
  };
  /** By name, a layer's number written as *: how many, and the shape. */
  tensors: Record<string, [count: number, shape: number[]]>;
}
const known: Known[] = fixtureJson('known.json');

/** A checkpoint's folder whose weights have a header and, as a hole in the file, the right length. */
function headerOnly({ config, tensors }: Known): { folder: string; bytes: number } {
  const folder = mkdtempSync(join(tmpdir(), 'clipql-known-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [pattern, [count, shape]] of Object.entries(tensors)) {
    for (let layer = 0; layer < count; layer++) {
      const begin = end;
      end += shape.reduce((product, size) => product * size, 4);
      header[pattern.replace('*', `${layer}`)] = { dtype: 'F32', shape, data_offsets: [begin, end] };
    }
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(join(folder, 'model.safetensors'), Buffer.concat([length, json]));
  truncateSync(join(folder, 'model.safetensors'), 8 + json.length + end);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const px = config.vision_config.image_size;
  const preprocessor = { size: { shortest_edge: px }, crop_size: { height: px, width: px } };
  writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(preprocessor));
  return { folder, bytes: end };
}

/**
 * Has the runtime check a graph: its operators, types and all shapes that can be inferred, and that the weights lie
 * within the file. Weights are not read.
 */
async function validated(model: Uint8Array, folder: string): Promise<InferenceSession> {
  const session = await InferenceSession.create(model, {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
    extra: {
      session: { disable_prepacking: '1', model_external_initializers_file_folder_path: folder },
    },
  });
  onTestFinished(() => session.release());
  return session;
}

test('the checkpoint that people expect is as large as on the hub', () => {
  const zeroShot = known.find(({ names }) => names.includes('xclip-base-patch16-zero-shot')) as Known;
  expect(headerOnly(zeroShot).bytes / 1e6).toBeCloseTo(780, 0); // model.safetensors: 780 MB
});

test.each(known.map((checkpoint) => ({ names: checkpoint.names.join(', '), checkpoint })))(
  'the graphs of $names are valid',
  async ({ checkpoint }) => {
    const { folder } = headerOnly(checkpoint);
    const { patch_size, num_frames: T, image_size: S } = checkpoint.config.vision_config;
    const D = checkpoint.config.projection_dim ?? 512;
    const P = Math.floor(S / patch_size) ** 2;
    const config = await readModelConfig(join(folder, 'config.json'));
    const preprocessing = await readPreprocessing(join(folder, 'preprocessor_config.json'), S);
    const path = join(folder, 'model.safetensors');
    const weights = { path, tensors: await readStoredTensors(path) };

    const video = await validated(videoGraph(config, preprocessing, weights), folder);
    expect(video.inputMetadata).toMatchObject([{ name: 'frames', shape: ['B', T, S, S, 3] }]);
    expect(video.outputMetadata).toMatchObject([
      { name: 'embedding', shape: ['B', D] },
      { name: 'patch_features', shape: ['B', P, D] },
      { name: 'patch_features_fp16', shape: ['B', P, D] },
    ]);
    const half = videoGraph(config, preprocessing, weights, { type: 'float16' });
    expect((await validated(half, folder)).outputNames).toEqual(video.outputNames);

    const text = await validated(textGraph(config, weights), folder);
    expect(text.outputMetadata).toMatchObject([{ name: 'embeddings', shape: ['K', D] }]);
    const graphs = scoreGraphs(config, weights);
    for (const graph of Object.values(graphs)) {
      const score = await validated(graph, folder);
      expect(score.outputMetadata).toMatchObject([{ name: 'logits', shape: ['N', 'K'] }]);
    }
  },
);
