import { writeFile } from 'node:fs/promises';
import { fetchLabelSet } from '../labels/label-set.ts';
import { type Client, createClient, type ServerOptions } from '../library/client.ts';
import { type Answer, askLabels } from './ask-labels.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluationText } from './evaluation-text.ts';
import { readDataset } from './read-dataset.ts';
import { readSplits } from './read-splits.ts';
import { type SplitFigures, splitFigures } from './split-figures.ts';
import { type Failure, takeIn } from './take-in.ts';

export interface EvaluateOptions extends ServerOptions {
  template: string[];
  labelSet?: string;
  /** A table that says which label a folder holds. */
  labels?: string;
  list?: string[];
  clipSeconds?: number;
  inPlace?: boolean;
  verbose?: boolean;
  /** A file to write the JSON to; true: the standard output, in place of the text. */
  json?: string | true;
}

const MODEL = '{ model { name fingerprint } }';
/** Exit codes, as those of `clipql ingest`. */
const DONE = 0;
const SOME_FAILED = 1;

/** Evaluates a labelled data set on a server, and prints the figures. Gives the exit code: 1 when files failed. */
export async function evaluate(path: string, options: EvaluateOptions): Promise<number> {
  const { template, labelSet, list, json } = options;
  const client = createClient(options);
  const dataset = await readDataset(path, options.labels);
  const splits = list ? await readSplits(dataset.items, list) : [{ name: 'all', items: dataset.items }];
  const items = [...new Set(splits.flatMap((split) => split.items))];
  const { model } = await client.ask(MODEL);
  const set = await labelsOf(client, dataset.labels, options);
  console.error(`${items.length} videos of ${dataset.labels.length} labels, by ${model.name}.`);

  const { ids, failures } = await takeIn(client, items, options);
  const templates = template.length > 0 ? template : undefined;
  const question = { labels: labelSet ? undefined : set.labels, labelSet, templates };
  const answers = await askLabels(client, [...new Set(ids.values())], question);
  for (const { source } of items) {
    const answer = answers.get(ids.get(source.path) ?? '');
    if (answer && 'error' in answer) failures.push({ file: source.name, ...answer.error });
  }
  const figures: SplitFigures[] = [];
  for (const split of splits) {
    if (!split.items.some(({ source }) => isAnswered(answers.get(ids.get(source.path) ?? '')))) {
      throw new Error(
        `Nothing could be evaluated${list ? ` of ${split.name}` : ''}: ${inWords(failures[0])}`,
      );
    }
    const textOf = (label: string) => set.template.replace('{}', () => label);
    figures.push(await splitFigures(client, { split, ids, answers, labels: set.labels, textOf }));
  }
  const { unlabelled } = dataset;
  const head = { model, templates: templates ?? set.templates, labelSet: labelSet ?? null };
  const evaluation: Evaluation = { ...head, failures, unlabelled, splits: figures };
  if (json !== undefined) {
    const written = `${JSON.stringify(evaluation, null, 1)}\n`;
    if (json === true) process.stdout.write(written);
    else await writeFile(json, written);
  }
  if (json !== true) console.log(evaluationText(evaluation, { verbose: options.verbose ?? false }));
  return failures.length > 0 ? SOME_FAILED : DONE;
}

const isAnswered = (answer: Answer | undefined): boolean => answer !== undefined && 'ranked' in answer;
const inWords = (failure: Failure | undefined): string =>
  failure ? `${failure.file}: ${failure.message}` : 'no video is known.';

/** What is chosen from, and what it is searched by: the first template. */
async function labelsOf(client: Client, own: string[], { labelSet, template }: EvaluateOptions) {
  const set = labelSet ? await fetchLabelSet(client, labelSet) : null;
  const labels = set ? set.labels.map(({ label }) => label) : own;
  const missing = own.find((label) => !labels.includes(label));
  if (missing) throw new Error(`The label set has no "${missing}". It must hold the labels of all videos.`);
  const templates = template.length > 0 ? template : (set?.templates ?? []);
  return { labels, templates, template: templates[0] ?? '{}' };
}
