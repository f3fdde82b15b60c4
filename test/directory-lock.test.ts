import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDirectory } from '#src/directory-lock.js';

let directory: string;
let children: ChildProcess[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clipql-lock-'));
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map(kill));
  await rm(directory, { recursive: true });
});

/** A process that tries to take the lock; `says` is `locked` or `refused`. */
async function contender(): Promise<{ process: ChildProcess; says: string }> {
  const child = fork(new URL('./lock-process.js', import.meta.url), [directory]);
  children.push(child);
  const [says] = await once(child, 'message');
  return { process: child, says };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('a second process is refused', async () => {
  const release = await lockDirectory(directory);
  expect((await contender()).says).toBe('refused');
  await release?.();
  expect((await contender()).says).toBe('locked');
});

test('another name of the same folder is the same folder', async () => {
  const release = await lockDirectory(directory);
  await symlink(directory, `${directory}-link`);
  expect(await lockDirectory(`${directory}-link`)).toBeNull();
  await rm(`${directory}-link`);
  await release?.();
});

test('what a killed process held is taken over at once', async () => {
  const holder = await contender();
  expect(holder.says).toBe('locked');
  await kill(holder.process);
  const release = await lockDirectory(directory);
  expect(release).not.toBeNull();
  await release?.();
});

test('of several that find a dead lock exactly one gets it', async () => {
  for (let round = 0; round < 5; round++) {
    const holder = await contender();
    expect(holder.says).toBe('locked');
    await kill(holder.process);
    const contenders = await Promise.all(Array.from({ length: 8 }, contender));
    expect(contenders.filter(({ says }) => says === 'locked')).toHaveLength(1);
    await Promise.all(contenders.map(({ process }) => kill(process)));
  }
});
