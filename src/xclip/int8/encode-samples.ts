import { Tensor } from 'onnxruntime-node-gpu';
import type { Checkpoint } from '../checkpoint.ts';
import { createSession } from '../session.ts';
import { readTokenizer } from '../tokenizer.ts';
import { calibrationClip } from './calibration-clip.ts';
import type { Observation } from './quantisation.ts';

/** What an encoder makes of its samples, and what was seen of its layers' inputs if its graph observes them. */
export interface Encoded {
  embeddings: Float32Array[];
  observations: Map<string, Observation>;
}

/** Inputs of the encoders. */
export interface Samples {
  video: Tensor[];
  text: Tensor[];
}

const CLIPS = 3;

/**
 * Drawn clips, and the model's background texts, each at its own length. Clips of other content would do as well: they
 * only balance columns of layers, nothing is ever cut off at the range seen here.
 */
export async function drawSamples({ config, card, tokenizerPath }: Checkpoint): Promise<Samples> {
  const { num_frames: frames, image_size: px } = config.vision_config;
  const { vocab_size, max_position_embeddings } = config.text_config;
  const tokenize = await readTokenizer(tokenizerPath, vocab_size, max_position_embeddings);
  const clip = (_: unknown, seed: number) =>
    new Tensor('uint8', new Uint8Array(calibrationClip(frames, px, seed).buffer), [1, frames, px, px, 3]);
  const ids = (text: string) => {
    const tokens = BigInt64Array.from(tokenize(text), BigInt);
    return new Tensor('int64', tokens, [1, tokens.length]);
  };
  return { video: Array.from({ length: CLIPS }, clip), text: card.background.map(ids) };
}

/** Runs an encoder's graph over samples. */
export async function encodeSamples(
  model: Uint8Array,
  weightsPath: string,
  samples: Tensor[],
): Promise<Encoded> {
  const session = await createSession({ model, weightsPath });
  const [input = ''] = session.inputNames;
  const embeddings: Float32Array[] = [];
  const observations = new Map<string, Observation>();
  try {
    for (const sample of samples) {
      const outputs = await session.run({ [input]: sample });
      for (const [name, value] of Object.entries(outputs)) {
        const data = value.data as Float32Array;
        if (name.startsWith('embedding')) embeddings.push(data);
        else if (!name.startsWith('patch_features'))
          add(observations, name, data, value.dims.at(-1) as number);
      }
    }
  } finally {
    await session.release();
  }
  return { embeddings, observations };
}

/** Adds what was seen of a layer, rows [slices · 3, columns], to what was seen before. */
function add(seen: Map<string, Observation>, name: string, rows: Float32Array, columns: number): void {
  const now = seen.get(name) ?? {
    count: 0,
    smallest: new Float32Array(columns).fill(Number.POSITIVE_INFINITY),
    largest: new Float32Array(columns).fill(Number.NEGATIVE_INFINITY),
    meanSquare: new Float32Array(columns),
  };
  for (let at = 0; at < rows.length; at += 3 * columns) {
    now.count++;
    for (let i = 0; i < columns; i++) {
      const [smallest, largest, square] = [rows[at + i], rows[at + columns + i], rows[at + 2 * columns + i]];
      now.smallest[i] = Math.min(now.smallest[i] as number, smallest as number);
      now.largest[i] = Math.max(now.largest[i] as number, largest as number);
      const mean = now.meanSquare[i] as number;
      now.meanSquare[i] = mean + ((square as number) - mean) / now.count;
    }
  }
  seen.set(name, now);
}
