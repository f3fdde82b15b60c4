import { readSettings } from '../../config.ts';
import { useFfmpeg } from '../../media/ffmpeg.ts';
import { type Checkpoint, loadCheckpoint } from '../../xclip/checkpoint.ts';
import { calibrationClip } from '../../xclip/int8/calibration-clip.ts';
import { patchCount } from '../../xclip/model-config.ts';
import { openXClip } from '../../xclip/open-xclip.ts';
import { findModel } from '../../xclip/resolve-model.ts';
import type { EngineOptions, XClip } from '../../xclip/xclip.ts';
import { sayAgreement } from './agreement.ts';
import { peakMemory } from './peak-memory.ts';
import { howToCompare, sayPublished } from './published.ts';
import { median, timed } from './timed.ts';

const TEXT = 'a video of playing football';
/** Clips scored in one call: as many as a page of search results begins with. */
const SCORED = 50;
const RUNS = 5;

export interface CheckOptions {
  /** `PRECISION` when not given. */
  precision?: EngineOptions['precision'];
  /** A video, or frames in a NumPy file, to compare with published logits. */
  clip?: string;
}

/**
 * Loads a model, runs it on a drawn clip and prints what it is and how fast; in another precision than fp32 also how well it
 * agrees with that, and where logits are published, how to compare with them.
 */
export async function check(name: string, { precision: asked, clip }: CheckOptions): Promise<void> {
  const settings = readSettings();
  const precision = asked ?? settings.precision;
  const found = await findModel(name, settings.hub);
  if ('missing' in found)
    throw new Error(`${name} cannot be used: ${found.missing}. Fetch it: npx clipql model pull ${name}`);
  await useFfmpeg(settings);
  const loaded = await timed(() => loadCheckpoint(found.folder, found.name, found.bundled));
  const checkpoint = loaded.result;
  console.log(`${found.name}\n  ${found.folder}`);
  sayWhatItIs(checkpoint);

  if (precision === 'int8') console.log('  the first time weights in int8 are made: a minute or more …');
  const options: EngineOptions = { precision, provider: settings.provider, features: 'fp32' };
  const opened = await timed(() => openXClip(checkpoint, options));
  const model = opened.result;
  try {
    await saySpeed(model, loaded.ms + opened.ms);
    if (precision !== 'fp32') await sayAgreement(checkpoint, model);
    if (clip) await sayPublished(model, clip);
    else howToCompare(model.name);
  } finally {
    await model.close();
  }
}

function sayWhatItIs(checkpoint: Checkpoint): void {
  const { vision_config: vision, text_config: text, projection_dim } = checkpoint.config;
  const weights = [...checkpoint.tensors.values()].filter(({ dtype }) => /^B?F\d+$/.test(dtype));
  const parameters = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const patches = `${patchCount(checkpoint.config)} patches of ${vision.patch_size} px`;
  console.log(
    `  ${vision.num_frames} frames of ${vision.image_size} px, ${patches}, ${projection_dim} dimensions`,
  );
  console.log(
    `  layers: ${vision.num_hidden_layers} vision, ${vision.mit_num_hidden_layers} across frames, ${text.num_hidden_layers} text; ${(parameters / 1e6).toFixed(1)} million parameters`,
  );
  console.log(`  fingerprint ${checkpoint.fingerprint}`);
}

async function saySpeed(model: XClip, loadMs: number): Promise<void> {
  const { frames, framing } = model;
  const drawn = new Uint8Array(calibrationClip(frames, framing.crop, 1).buffer);
  const first = await timed(() => model.encodeClip(drawn));
  const clips = [];
  for (let run = 0; run < RUNS; run++) clips.push((await timed(() => model.encodeClip(drawn))).ms);
  const texts = [];
  const scores = [];
  const { embedding, patchFeatures } = first.result;
  const scorable = { embedding, patchFeatures: { form: model.options.features, bytes: patchFeatures } };
  for (let run = 0; run < RUNS; run++) {
    const text = await timed(() => model.encodeTexts([TEXT]));
    texts.push(text.ms);
    scores.push((await timed(() => model.score(text.result, Array(SCORED).fill(scorable)))).ms);
  }
  const ms = (values: number[]) => `${median(values).toFixed(1)} ms`;
  console.log(`  ${model.options.precision}, loaded in ${(loadMs / 1000).toFixed(1)} s`);
  console.log(`  a clip ${ms(clips)} (the first, with the start of its process, ${ms([first.ms])})`);
  console.log(`  a text ${ms(texts)}; a score of a text and ${SCORED} clips ${ms(scores)}`);
  console.log(`  peak memory ${await peakMemory()}`);
}
