import { constants } from 'node:fs';
import { access, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Checkpoint } from '../checkpoint.ts';
import { exactBits } from './exact-bits.ts';
import type { Bits } from './quantisation.ts';
import { quantise } from './quantise.ts';
import { readRecord } from './record.ts';

/** Milliseconds after which an unfinished file was left behind by a process that was killed. */
const ABANDONED = 3_600_000;

/**
 * The path of a checkpoint's int8 weights: beside its own, or in `folder` when nothing can be written there. They are
 * made when there are none yet of this checkpoint and for a processor like this: a minute or more.
 * @param report told how far they are, 0 to 1, when they have to be made
 * @throws Error when neither place can be written.
 */
export async function int8Weights(
  checkpoint: Checkpoint,
  folder: string,
  report: (share: number) => void,
): Promise<string> {
  const { weightsPath, fingerprint } = checkpoint;
  const bits = await exactBits();
  const beside = `${weightsPath}.int8.safetensors`;
  const elsewhere = join(folder, `${fingerprint}.int8.safetensors`);
  for (const path of [beside, elsewhere]) {
    if (await isRight(path, checkpoint, bits)) return path;
  }
  report(0);
  const path = (await isWritable(dirname(beside))) ? beside : elsewhere;
  await mkdir(dirname(path), { recursive: true });
  await removeAbandoned(path);
  await quantise(checkpoint, path, bits, report);
  return path;
}

// Weights of 7 bits are right everywhere: machines that share a cache do not make them by turns.
async function isRight(path: string, { fingerprint }: Checkpoint, bits: Bits): Promise<boolean> {
  const record = await readRecord(path);
  return record?.fingerprint === fingerprint && record.bits <= bits;
}

function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function removeAbandoned(path: string): Promise<void> {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const file = join(dirname(path), name);
    const age = Date.now() - (await stat(file)).mtimeMs;
    if (age > ABANDONED) await rm(file, { force: true });
  }
}
