import { readFileSync } from 'node:fs';
import type { LabelSet } from './types.ts';

/** Label sets that every library has: one label a line, sources and licences in label-sets/README.md. */
export const BUILT_IN_LABEL_SETS: readonly LabelSet[] = [
  builtIn('kinetics-400', 'Kinetics-400'),
  builtIn('article', 'Programming, spaghetti, football'),
];

/** Without a template: X-CLIP's published figures are for the bare names. */
function builtIn(id: string, name: string): LabelSet {
  const text = readFileSync(new URL(`../../label-sets/${id}.txt`, import.meta.url), 'utf8');
  const labels = text
    .trimEnd()
    .split('\n')
    .map((label) => ({ label, texts: [], examples: [] }));
  return {
    ...{ id, name, labels, size: labels.length, templates: [], builtIn: true },
    ...{ createdAt: null, updatedAt: null },
  };
}
