import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';

/** The share of the machine's processor time that others use, 0 to 1, looked at for three seconds. */
export async function busyShare() {
  const before = times();
  await setTimeout(3000);
  const after = times();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function times() {
  const all = cpus().flatMap((cpu) => Object.values(cpu.times));
  return {
    all: all.reduce((sum, time) => sum + time, 0),
    idle: cpus().reduce((sum, cpu) => sum + cpu.times.idle, 0),
  };
}
