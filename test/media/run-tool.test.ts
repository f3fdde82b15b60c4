import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { patience, runTool } from '#src/media/run-tool.js';
import { greyVideo, testFolder } from './grey-video.js';

const sh = (script: string, options: Partial<Parameters<typeof runTool>[2]> = {}) =>
  runTool('/bin/sh', ['-c', script], { seconds: 20, maxOutput: 100, ...options });

const isThere = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('what takes too long, writes too much or gets no memory is ended with a code', async () => {
  const pids: number[] = [];
  const onOutput = (chunk: Buffer) => pids.push(Number(chunk));
  const endless = sh('echo $$; exec sleep 60', { seconds: 0.5, onOutput });
  await expect(endless).rejects.toMatchObject({ code: 'MEDIA_TIMEOUT' });
  expect(pids.map(isThere)).toEqual([false]);

  await expect(sh('exec yes')).rejects.toMatchObject({ code: 'MEDIA_LIMIT' });
  await expect(sh('echo "x: Cannot allocate memory" >&2; exit 1')).rejects.toMatchObject({
    code: 'MEDIA_LIMIT',
    message: expect.stringContaining('memory'),
  });
  // It got what it needed in the end.
  const { code, output } = await sh('echo "x: Cannot allocate memory" >&2; echo done');
  expect([code, output.toString()]).toEqual([0, 'done\n']);
});

test('messages without end are read and forgotten', async () => {
  const before = process.memoryUsage().rss;
  const { code } = await sh('head -c 300000000 /dev/zero >&2');
  expect(code).toBe(0);
  expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
});

test.runIf(existsSync('/usr/bin/prlimit'))('the kernel limits memory and processor time', async () => {
  const limits = await sh(
    "until grep -q 'address space *[0-9]' /proc/self/limits; do :; done; grep -E 'address|cpu' /proc/self/limits",
    { maxOutput: 1000 },
  );
  const [cpu, memory] = limits.output.toString().trim().split('\n');
  expect(cpu).toMatch(/ 80 +85 /);
  expect(memory).toContain(String(3 * 1024 ** 3));
});

test('longer videos are given longer', () => {
  expect(patience(0)).toBe(120);
  expect(patience(3600)).toBe(36_120);
});

test('when the process is killed, ffmpeg does not outlive it by long', { timeout: 60_000 }, async () => {
  const path = greyVideo(join(testFolder(), 'long.mkv'), { frames: 250, pts: '4000*N', size: '320x240' });
  const script = fileURLToPath(new URL('./reading-process.mjs', import.meta.url));
  const reader = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pid] = await new Promise<number[]>((resolve) =>
    reader.stdout.once('data', (chunk) => resolve(String(chunk).split(' ').map(Number))),
  );
  expect(readFileSync(`/proc/${pid}/comm`, 'latin1')).toBe('ffmpeg\n');
  reader.kill('SIGKILL');
  await expect.poll(() => isThere(pid as number), { timeout: 20_000 }).toBe(false);
});
