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
    labels { label probability logit } } }`;

/** Characters of a bar that stands for certainty. */
const BAR = 30;

/** Prints how probable each label is for a stored video. */
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
  for (const { label, probability } of classifyVideo.labels as { label: string; probability: number }[]) {
    const bar = '█'.repeat(Math.round(probability * BAR)).padEnd(BAR, '·');
    console.log(`${bar} ${(100 * probability).toFixed(1).padStart(5)} %  ${label}`);
  }
}
