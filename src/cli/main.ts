#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { isHubName } from '../xclip/hub/hub-name.ts';
import type { CheckOptions } from './model/check.ts';
import { list } from './model/list.ts';
import { pull } from './model/pull.ts';
import { remove } from './model/remove.ts';

/** Exit codes: 0 done, 1 failed, 2 not understood. */
const FAILED = 1;
const NOT_UNDERSTOOD = 2;

function hubName(name: string): string {
  if (isHubName(name)) return name;
  throw new InvalidArgumentError('It must be owner/name or owner/name@revision.');
}

const program = new Command('clipql').description('Finds videos by what happens in them.').exitOverride();
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
  process.exit(FAILED);
}
