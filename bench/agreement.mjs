import { MEASURES } from './measure.mjs';

/**
 * How far the sides' results for the same clip and labels are from those of the first side, the reference in fp32.
 * @returns for each other side the cosine of the video embeddings, and the largest differences, over the largest number
 */
export async function agreement(sides) {
  const labels = MEASURES.find(({ name }) => name.startsWith('Classify'));
  const outputs = [];
  for (const side of sides) {
    await side.ask('video');
    await side.ask(...labels.before);
    await side.ask(...labels.request);
    outputs.push(await side.ask('outputs'));
  }
  const [wanted, ...others] = outputs;
  return others.map((found, i) => ({
    name: sides[i + 1].name,
    cosine: cosine(found.embedding, wanted.embedding),
    embedding: largestError(found.embedding, wanted.embedding),
    texts: largestError(found.texts, wanted.texts),
    logits: largestError(found.logits, wanted.logits),
    best: best(found.logits) === best(wanted.logits),
  }));
}

const cosine = (a, b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const dot = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const best = (logits) => logits.indexOf(Math.max(...logits));

function largestError(found, wanted) {
  const largest = (numbers) => numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return largest(found.map((x, i) => x - wanted[i])) / largest(wanted);
}
