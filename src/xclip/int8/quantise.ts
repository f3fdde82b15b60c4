import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { type Checkpoint, withWeights } from '../checkpoint.ts';
import { textGraph } from '../graph/text-graph.ts';
import { videoGraph } from '../graph/video-graph.ts';
import { drawSamples, type Encoded, encodeSamples, type Samples } from './encode-samples.ts';
import { int8Tensors } from './int8-tensors.ts';
import { planLayers } from './plan-layers.ts';
import type { Bits } from './quantisation.ts';
import { asMetadata, type Int8Record, VERSION } from './record.ts';
import { writeSafetensors } from './write-safetensors.ts';

/** Smallest cosine of a sample's embedding to that of fp32 that is good enough. */
const GOOD = 0.999;
/** How far it is once layers were observed and planned; each check then takes it half of the rest. */
const PLANNED = 0.5;
const ENCODERS = ['video', 'text'] as const;
type Encoder = (typeof ENCODERS)[number];
const LAYERS = { video: /^vision_model\./, text: /^text_model\./ };

/**
 * Brings the weights of a checkpoint's encoders to int8 and writes the weights of a checkpoint: whole, or not at all.
 * Columns are balanced first. Then, as long as the embeddings of samples differ too much from those of fp32, the layers
 * with the largest expected error stay in fp32: none, one, two, four, … of an encoder.
 */
export async function quantise(
  checkpoint: Checkpoint,
  path: string,
  bits: Bits,
  report: (share: number) => void,
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(checkpoint.weightsPath);
  try {
    await quantiseTo(temporary, file, checkpoint, bits, report);
    await rename(temporary, path);
  } finally {
    await file.close();
    await rm(temporary, { force: true });
  }
}

async function quantiseTo(
  path: string,
  file: FileHandle,
  checkpoint: Checkpoint,
  bits: Bits,
  report: (share: number) => void,
): Promise<void> {
  const { tensors, fingerprint } = checkpoint;
  const samples = await drawSamples(checkpoint);
  const exact = await observe(checkpoint, samples);
  const observations = new Map(ENCODERS.flatMap((encoder) => [...exact[encoder].observations]));
  const { plan, ranking } = await planLayers(file, tensors, observations, bits);
  let rest = PLANNED;
  report(1 - rest);

  const record: Int8Record = {
    version: VERSION,
    fingerprint,
    bits,
    fp32: [],
    cosine: { video: -1, text: -1 },
  };
  const write = () =>
    writeSafetensors(path, asMetadata(record), int8Tensors(file, tensors, plan, new Set(record.fp32), bits));
  const layers = (encoder: Encoder) => ranking.filter((layer) => LAYERS[encoder].test(layer));
  const kept = { video: 0, text: 0 };
  for (let toCheck: readonly Encoder[] = ENCODERS; toCheck.length > 0; ) {
    await write();
    const approximate = await withWeights(checkpoint, path);
    for (const encoder of toCheck) {
      const { embeddings } = await encodeSamples(approximate.graphs[encoder], path, samples[encoder]);
      record.cosine[encoder] = smallestCosine(embeddings, exact[encoder].embeddings);
    }
    toCheck = toCheck.filter(
      (encoder) => record.cosine[encoder] < GOOD && kept[encoder] < layers(encoder).length,
    );
    for (const encoder of toCheck) kept[encoder] = 2 * kept[encoder] || 1;
    rest /= 2;
    report(1 - rest);
    record.fp32 = ENCODERS.flatMap((encoder) => layers(encoder).slice(0, kept[encoder]));
  }
  await write(); // Once more, with the cosines that were found.
}

/** Runs the encoders in fp32, with what is seen of their layers' inputs. */
async function observe(checkpoint: Checkpoint, samples: Samples): Promise<Record<Encoder, Encoded>> {
  const { config, preprocessing, weightsPath, tensors } = checkpoint;
  const weights = { path: weightsPath, tensors };
  const video = videoGraph(config, preprocessing, weights, { observing: true });
  return {
    video: await encodeSamples(video, weightsPath, samples.video),
    text: await encodeSamples(textGraph(config, weights, { observing: true }), weightsPath, samples.text),
  };
}

function smallestCosine(vectors: Float32Array[], wanted: Float32Array[]): number {
  return Math.min(...vectors.map((vector, i) => cosine(vector, wanted[i] as Float32Array)));
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = (x: Float32Array, y: Float32Array) =>
    x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
