import { createHash } from 'node:crypto';
import { z } from 'zod';
import { EVERYDAY_BACKGROUND } from './background.ts';
import { exists } from './exists.ts';
import { readJson } from './read-json.ts';
import type { ModelCard } from './xclip.ts';

const card = z.object({
  background: z.array(z.string().min(1)).min(1),
  relevance: z.object({ a: z.number().positive(), b: z.number(), minRelevance: z.number().min(0).max(1) }),
});

/**
 * Reads a checkpoint's `clipql.json`; a checkpoint without one is not calibrated.
 * @throws CheckpointError when the file is there but wrong.
 */
export async function readCard(path: string): Promise<ModelCard> {
  if (!(await exists(path))) {
    return { background: EVERYDAY_BACKGROUND, relevance: { a: 1, b: 0, minRelevance: 0, calibrated: false } };
  }
  const { background, relevance } = await readJson(path, card);
  return { background, relevance: { ...relevance, calibrated: true } };
}

/** SHA-256 (hex) of the background texts: stored with each clip's background to see when it is out of date. */
export function backgroundHash(background: string[]): string {
  return createHash('sha256').update(JSON.stringify(background)).digest('hex');
}
