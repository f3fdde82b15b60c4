#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isHubName } from '../xclip/hub/hub-name.ts';
import { type EvaluateOptions, evaluate } from './evaluate/evaluate.ts';
import { type IngestOptions, ingest } from './ingest/ingest.ts';
import { exportLabelSet } from './labels/export-label-set.ts';
import { importLabelSet } from './labels/import-label-set.ts';
import { listLabelSets } from './labels/list-label-sets.ts';
import { removeLabelSet } from './labels/remove-label-set.ts';
import { showLabelSet } from './labels/show-label-set.ts';
import { type ClassifyOptions, classify } from './library/classify.ts';
import { type SearchOptions, search } from './library/search.ts';
import type { CheckOptions } from './model/check.ts';
import { list } from './model/list.ts';
import { pull } from './model/pull.ts';
import { remove } from './model/remove.ts';

/** Exit codes: 0 done; 1 failed, in `ingest` and `evaluate` some sources; 2 not understood, in these also when nothing could be done. */
const FAILED = 1;
const NOT_UNDERSTOOD = 2;

function hubName(name: string): string {
  if (isHubName(name)) return name;
  throw new InvalidArgumentError('It must be owner/name or owner/name@revision.');
}

const program = new Command('clipql').description('Finds videos by what happens in them.').exitOverride();
const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number.');
};
const several = (text: string, before: string[]) => [...before, text];
const jsonObject = (text: string): object => {
  const value: unknown = (() => {
    try {
      return JSON.parse(text);
    } catch {
      return null;
    }
  })();
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InvalidArgumentError('It must be a JSON object, such as {"camera": "north"}.');
};

/** A command that asks a running server. */
const serverCommand = (name: string, description: string, parent = program, json = '--json') =>
  parent
    .command(name)
    .description(description)
    .option('--server <url>', 'the address of the server (CLIPQL_URL, else http://127.0.0.1:4000)')
    .option(
      '--token <token>',
      'the admin token (ADMIN_TOKEN, else what DATA_DIR/admin-token holds); to read, READ_TOKEN will do',
    )
    .option(json, 'answer in JSON');

serverCommand('ingest', 'send files, folders or links to a server, and follow them until they are searchable')
  .argument('<source...>', 'files, folders (with all below them), or http(s) links')
  .option('--include <glob>', 'of folders only what matches; repeatable', several, [])
  .option('--exclude <glob>', 'of folders not what matches; repeatable', several, [])
  .option('--tag <tag>', 'a tag for each video; repeatable', several, [])
  .option('--title <title>', 'a title, for one source')
  .option('--metadata <json>', 'a JSON object to keep with each video', jsonObject)
  .option('--clip-seconds <seconds>', 'how long clips are aimed at', number)
  .option('--overlap <share>', 'the share of a clip that the next one repeats', number)
  .option('--scenes', 'end clips where scenes do')
  .option('--in-place', 'the server reads the files where they are, in one of its MEDIA_DIRS')
  .option('--no-wait', 'do not wait for the end')
  .action(async (sources: string[], options: IngestOptions) => {
    process.exitCode = await ingest(sources, options);
  });
serverCommand('search', 'find the videos that a text describes')
  .argument('<text>', 'what happens in them, in plain words')
  .option('--first <count>', 'at most so many', number, 10)
  .option('--min-relevance <relevance>', 'from 0 to 1; usually 0.5', number)
  .option('--all <text>', 'what must hold, too; repeatable', several, [])
  .option('--any <text>', 'one of these must hold, too; repeatable', several, [])
  .option('--not <text>', 'what may not hold; repeatable', several, [])
  .option('--then <text>', 'what must hold later in the video; repeatable', several, [])
  .option('--within <seconds>', 'how much later the last --then may begin', number)
  .action((text: string, options: SearchOptions) => search(text, options));
serverCommand('classify', 'tell how probable labels are for a video')
  .argument('<video>', 'its id, as `clipql search` shows it')
  .argument('[label...]', 'what it may be: any texts')
  .option('--label-set <id>', 'a label set, in place of labels, as `clipql labels list` shows it')
  .option('--template <template>', 'what the model reads, with {} for the label; repeatable', several, [])
  .option('--start <seconds>', 'only from here', number)
  .option('--end <seconds>', 'only to here', number)
  .action((video: string, labels: string[], options: ClassifyOptions) => classify(video, labels, options));

serverCommand(
  'evaluate',
  'tell how well the model does on labelled videos: takes in what the server lacks, classifies, searches',
  program,
  '--json [file]',
)
  .argument(
    '<dataset>',
    'a folder with a folder for each label, or a CSV file: `file`, `label`, perhaps `caption`',
  )
  .option('--template <template>', 'what the model reads, with {} for the label; repeatable', several, [])
  .option('--label-set <id>', 'classify against this label set, which must hold the labels of the videos')
  .option('--labels <file>', 'CSV of what folders hold, if their names do not say it: `folder`, `label`')
  .option(
    '--list <file...>',
    'only the test files of these lists, each a split, as UCF-101 and HMDB-51 have them',
  )
  .option('--clip-seconds <seconds>', 'how long clips of what is new are aimed at', number)
  .option('--in-place', 'the server reads the files where they are, in one of its MEDIA_DIRS')
  .option('--verbose', 'show every label and every failure')
  .action(async (dataset: string, options: EvaluateOptions) => {
    process.exitCode = await evaluate(dataset, options);
  });

const labels = program.command('labels').description('label sets: named lists of labels to classify against');
serverCommand('list', 'list them', labels).action(listLabelSets);
serverCommand('show', 'print what one holds', labels).argument('<id>', 'its id').action(showLabelSet);
serverCommand('import', 'keep the labels of a file under a name', labels)
  .argument(
    '<file>',
    'CSV with a column `label`, perhaps `text` (what the model reads instead) and `example` (the id of a video); ' +
      'rows of one label add up; or a plain list, one label a line',
  )
  .requiredOption('--name <name>', 'what to call it')
  .option('--template <template>', 'what the model reads, with {} for the label; repeatable', several, [])
  .action(importLabelSet);
serverCommand('export', 'write one as CSV', labels).argument('<id>', 'its id').action(exportLabelSet);
serverCommand('remove', 'remove one', labels).argument('<id>', 'its id').action(removeLabelSet);

const model = program.command('model').description('X-CLIP models in the local cache of the hub');
model
  .command('pull')
  .description('fetch a model, or check and repair what is there; goes on where it was interrupted')
  .argument('<name>', 'owner/name or owner/name@revision', hubName)
  .action(pull);
model
  .command('check')
  .description('run a model on a drawn clip and print what it is and how fast')
  .argument('<name>', 'a hub name in the local cache, a folder with a checkpoint, or bundled')
  .addOption(new Option('--precision <precision>', 'how it computes').choices(['fp32', 'fp16', 'int8']))
  .option('--clip <file>', 'a clip to compare with published logits: a video, or frames in a NumPy file')
  // Loads the inference runtime: only when asked for.
  .action(async (name: string, options: CheckOptions) =>
    (await import('./model/check.ts')).check(name, options),
  );
model.command('list').description('list the models that are there').action(list);
model
  .command('remove')
  .description('remove a model, or with @revision what only that revision needs')
  .argument('<name>', 'owner/name or owner/name@revision', hubName)
  .action(remove);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : NOT_UNDERSTOOD);
  console.error(`clipql: ${error instanceof Error ? error.message : error}`);
  process.exit(['ingest', 'evaluate'].includes(program.args[0] ?? '') ? NOT_UNDERSTOOD : FAILED);
}
