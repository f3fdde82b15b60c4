import { createClient, type ServerOptions } from './client.ts';

export interface ClassifyOptions extends ServerOptions {
  labelSet?: string;
  template: string[];
  start?: number;
  end?: number;
  json?: boolean;
}

const CLASSIFY = `query (
  $id: ID!, $labels: [String!], $labelSet: ID, $templates: [String!], $start: Float, $end: Float) {
  classifyVideo(id: $id, labels: $labels, labelSet: $labelSet, templates: $templates, start: $start, end: $end) {
    noneOfThese labels { label probability confidence logit score } } }`;

interface Score {
  label: string;
  probability: number;
  confidence: number;
}

/** Characters of a bar that stands for certainty. */
const BAR = 30;
/** Labels shown; the rest is in the JSON. */
const SHOWN = 20;

/** Prints how probable each label is for a stored video, and how far it holds by itself. */
export async function classify(
  id: string,
  labels: string[],
  { labelSet, template, start, end, json, ...server }: ClassifyOptions,
): Promise<void> {
  const variables = {
    ...{ id, labelSet, start, end },
    labels: labels.length > 0 ? labels : undefined,
    templates: template.length > 0 ? template : undefined,
  };
  const { classifyVideo } = await createClient(server).ask(CLASSIFY, variables);
  if (json) return console.log(JSON.stringify(classifyVideo.labels));
  const scores: Score[] = classifyVideo.labels;
  for (const { label, probability, confidence } of scores.slice(0, SHOWN)) {
    const bar = '█'.repeat(Math.round(probability * BAR)).padEnd(BAR, '·');
    console.log(`${bar} ${percent(probability)}  by itself ${percent(confidence)}  ${label}`);
  }
  if (scores.length > SHOWN) console.log(`… and ${scores.length - SHOWN} more: --json gives them all`);
  console.log(`none of these: ${percent(classifyVideo.noneOfThese).trim()}`);
}

const percent = (share: number) => `${(100 * share).toFixed(1).padStart(5)} %`;
