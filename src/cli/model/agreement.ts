import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Checkpoint } from '../../xclip/checkpoint.ts';
import { compareEngines } from '../../xclip/compare-engines.ts';
import { openXClip } from '../../xclip/open-xclip.ts';
import type { XClip } from '../../xclip/xclip.ts';
import { clipsOf } from './clips-of.ts';

const SAMPLES = fileURLToPath(new URL('../../../samples/', import.meta.url));

/** Prints how an engine agrees with fp32 on the clips of the samples, their titles as labels. */
export async function sayAgreement(checkpoint: Checkpoint, approximate: XClip): Promise<void> {
  const files = (await readdir(SAMPLES)).filter((file) => file.endsWith('.mp4'));
  const labels = files.map((file) => basename(file, '.mp4'));
  const clips: Uint8Array[] = [];
  for (const file of files) clips.push(...(await clipsOf(join(SAMPLES, file), approximate)));

  const exact = await openXClip(checkpoint, { precision: 'fp32', provider: 'cpu', features: 'fp32' });
  const { cosine, logit, sameBest } = await compareEngines(exact, approximate, clips, labels).finally(() =>
    exact.close(),
  );
  console.log(`  against fp32, over ${clips.length} clips of the samples and ${labels.length} labels:`);
  console.log(
    `    cosine of embeddings ${cosine.smallest.toFixed(5)} at least, ${cosine.mean.toFixed(5)} on average`,
  );
  console.log(`    largest difference of a logit ${logit.toFixed(3)}`);
  console.log(`    the same best label for ${sameBest} of ${clips.length} clips`);
}
