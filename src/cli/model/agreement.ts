import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Checkpoint } from '../../xclip/checkpoint.ts';
import { openXClip } from '../../xclip/open-xclip.ts';
import type { XClip } from '../../xclip/xclip.ts';
import { clipsOf } from './clips-of.ts';

const SAMPLES = fileURLToPath(new URL('../../../samples/', import.meta.url));

/** What an engine makes of the samples: per clip the embedding, and the logits of the samples' titles. */
interface Answers {
  embeddings: Float32Array[];
  logits: Float32Array[];
}

/** Prints how an engine agrees with fp32 on the clips of the samples, their titles as labels. */
export async function sayAgreement(checkpoint: Checkpoint, approximate: XClip): Promise<void> {
  const files = (await readdir(SAMPLES)).filter((file) => file.endsWith('.mp4'));
  const labels = files.map((file) => basename(file, '.mp4'));
  const clips: Uint8Array[] = [];
  for (const file of files) clips.push(...(await clipsOf(join(SAMPLES, file), approximate)));

  const exact = await openXClip(checkpoint, { precision: 'fp32', provider: 'cpu', features: 'fp32' });
  const [wanted, got] = await Promise.all([
    answers(exact, clips, labels),
    answers(approximate, clips, labels),
  ]).finally(() => exact.close());
  const cosines = wanted.embeddings.map((embedding, i) => dot(embedding, got.embeddings[i] as Float32Array));
  const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  const differences = wanted.logits.map((row, i) =>
    row.reduce((most, logit, j) => Math.max(most, Math.abs(logit - (got.logits[i]?.[j] as number))), 0),
  );
  const equal = wanted.logits.filter((row, i) => best(row) === best(got.logits[i] as Float32Array)).length;
  console.log(`  against fp32, over ${clips.length} clips of the samples and ${labels.length} labels:`);
  console.log(
    `    cosine of embeddings ${Math.min(...cosines).toFixed(5)} at least, ${mean.toFixed(5)} on average`,
  );
  console.log(`    largest difference of a logit ${Math.max(...differences).toFixed(3)}`);
  console.log(`    the same best label for ${equal} of ${clips.length} clips`);
}

async function answers(model: XClip, clips: Uint8Array[], labels: string[]): Promise<Answers> {
  const texts = await model.encodeTexts(labels);
  const answers: Answers = { embeddings: [], logits: [] };
  for (const frames of clips) {
    const { embedding, patchFeatures } = await model.encodeClip(frames);
    const clip = { embedding, patchFeatures: { form: model.options.features, bytes: patchFeatures } };
    answers.embeddings.push(embedding);
    answers.logits.push(await model.score(texts, [clip]));
  }
  return answers;
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);

const best = (logits: Float32Array) => logits.indexOf(Math.max(...logits));
