import type { XClip } from '../../xclip/xclip.ts';
import { wholeClip } from './clips-of.ts';
import { numPyClip } from './numpy-clip.ts';

/** The check of the reference implementation for this model: 8 frames of a clip, three texts, their logits. */
const PUBLISHED = {
  model: 'microsoft/xclip-base-patch32',
  file: 'eating_spaghetti_8_frames.npy',
  dataset: 'hf-internal-testing/spaghetti-video',
  texts: ['playing sports', 'eating spaghetti', 'go shopping'],
  logits: [14.0181, 20.2771, 14.4776],
};

/** Prints how to compare with the published logits, for the model that has some. */
export function howToCompare(name: string): void {
  if (name !== PUBLISHED.model) return;
  console.log(`  To compare with the published logits: hf download ${PUBLISHED.dataset} ${PUBLISHED.file} --repo-type dataset --local-dir .
  npx clipql model check ${name} --clip ${PUBLISHED.file}`);
}

/** Prints a model's logits of a clip and the published texts, beside the published ones where they are of this model. */
export async function sayPublished(model: XClip, path: string): Promise<void> {
  const frames = path.endsWith('.npy') ? await numPyClip(path, model) : await wholeClip(path, model);
  const { embedding, patchFeatures } = await model.encodeClip(frames);
  const texts = await model.encodeTexts(PUBLISHED.texts);
  const clip = { embedding, patchFeatures: { form: model.options.features, bytes: patchFeatures } };
  const logits = await model.score(texts, [clip]);
  for (const [i, text] of PUBLISHED.texts.entries()) {
    const published = model.name === PUBLISHED.model ? `, published ${PUBLISHED.logits[i]}` : '';
    console.log(`  "${text}" ${logits[i]?.toFixed(4)}${published}`);
  }
}
