import { type Client, ServerError } from '../library/client.ts';
import { inParallel } from './in-parallel.ts';

/** What the server says of a video: labels by probability, or why it cannot. */
export type Answer = { ranked: string[]; probability: number } | { error: { code: string; message: string } };

/** What is asked of every video. */
export interface Question {
  labels?: string[] | undefined;
  labelSet?: string | undefined;
  templates?: string[] | undefined;
}

const CLASSIFY = `query ($id: ID!, $labels: [String!], $labelSet: ID, $templates: [String!]) {
  classifyVideo(id: $id, labels: $labels, labelSet: $labelSet, templates: $templates) {
    labels { label probability } } }`;

/** What may be wrong with one video, and not with the question. */
const OF_ONE_VIDEO = ['NOT_FOUND', 'VIDEO_NOT_READY', 'TOO_COSTLY', 'INTERNAL'];

/** Classifies videos, by their ids. Throws what the server says of the question itself. */
export async function askLabels(
  client: Client,
  ids: string[],
  question: Question,
): Promise<Map<string, Answer>> {
  const answers = await inParallel('classify', ids, (id) => askOne(client, id, question));
  return new Map(ids.map((id, i) => [id, answers[i] as Answer]));
}

async function askOne(client: Client, id: string, question: Question): Promise<Answer> {
  try {
    const { classifyVideo } = await client.ask(CLASSIFY, { id, ...question });
    const labels = classifyVideo.labels as { label: string; probability: number }[];
    return { ranked: labels.map(({ label }) => label), probability: labels[0]?.probability ?? 0 };
  } catch (error) {
    if (!(error instanceof ServerError) || !OF_ONE_VIDEO.includes(error.code)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}
