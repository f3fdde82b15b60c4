import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip, type XClip } from '#src/xclip/xclip.js';
import { fixture, slowCheckpoint } from './fixtures.js';

const FRAMES = 3000; // A clip of so many takes some tenths of a second.

/** The video processes of a process. */
function childrenOf(parent: number): number[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const processes = list.split('\n').map((line) => line.trim().split(/\s+/));
  return processes
    .filter(([, ppid, ...args]) => Number(ppid) === parent && args.join(' ').includes('video-process'))
    .map(([pid]) => Number(pid));
}
const videoProcesses = () => childrenOf(process.pid);

async function openSlow(): Promise<{ slow: XClip; frames: Uint8Array }> {
  const slow = await openXClip(await loadCheckpoint(slowCheckpoint(FRAMES), 'slow', false));
  onTestFinished(() => slow.close());
  return { slow, frames: randomBytes(FRAMES * 23 * 23 * 3) };
}

test('the event loop stays free and texts are answered while a clip is encoded', async () => {
  const { slow, frames } = await openSlow();
  await slow.encodeTexts(['warm']);
  let encoded = false;
  const clip = slow.encodeClip(frames).then(() => {
    encoded = true;
  });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await slow.encodeTexts(['a red circle']);
  expect(encoded).toBe(false);
  await clip;
  delay.disable();
  expect(delay.max / 1e6).toBeLessThan(100);
});

test('an aborted clip is killed at once, one that waits is left out, and the next works', async () => {
  const { slow, frames } = await openSlow();
  const controller = new AbortController();
  const running = slow.encodeClip(frames, controller.signal);
  const waiting = slow.encodeClip(frames, controller.signal);
  await expect.poll(videoProcesses).toHaveLength(1);
  const [pid] = videoProcesses();
  const began = performance.now();
  controller.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
  await expect(waiting).rejects.toThrow('cancelled');
  expect(performance.now() - began).toBeLessThan(500);
  await expect.poll(videoProcesses).toHaveLength(0);

  expect((await slow.encodeClip(frames)).embedding).toHaveLength(12);
  expect(videoProcesses()).not.toContain(pid);
});

test('a signal aborted before is refused before anything starts', async () => {
  const { slow, frames } = await openSlow();
  const signal = AbortSignal.abort(new Error('too late'));
  await expect(slow.encodeClip(frames, signal)).rejects.toThrow('too late');
  await expect(slow.encodeTexts(['a'], signal)).rejects.toThrow('too late');
  expect(videoProcesses()).toEqual([]);
});

test('a crashed video process fails its run with a clear error, and the next call starts another', async () => {
  const { slow, frames } = await openSlow();
  const running = slow.encodeClip(frames);
  await expect.poll(videoProcesses).toHaveLength(1);
  process.kill(videoProcesses()[0] as number, 'SIGSEGV');
  await expect(running).rejects.toThrow("The model's process ended during a run (SIGSEGV).");
  expect((await slow.encodeClip(frames)).embedding).toHaveLength(12);
});

test('Ctrl-C and a service manager’s SIGTERM do not end the video process', async () => {
  const { slow, frames } = await openSlow();
  await slow.encodeClip(frames);
  const [pid] = videoProcesses() as [number];
  process.kill(pid, 'SIGINT');
  process.kill(pid, 'SIGTERM');
  await slow.encodeClip(frames);
  expect(videoProcesses()).toEqual([pid]);
});

test('the video process gives way to others', async () => {
  const { slow, frames } = await openSlow();
  await slow.encodeClip(frames);
  expect(getPriority(videoProcesses()[0])).toBe(10);
});

test('the video process is ended after a minute without a clip and started again for the next', async () => {
  const { slow, frames } = await openSlow();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  await slow.encodeClip(frames);
  vi.advanceTimersByTime(59_000);
  await slow.encodeClip(frames);
  vi.advanceTimersByTime(59_000);
  expect(videoProcesses()).toHaveLength(1);
  vi.advanceTimersByTime(1000);
  await slow.encodeClip(frames);
  vi.advanceTimersByTime(60_000);
  await expect.poll(videoProcesses).toHaveLength(0);
});

test('closing ends everything, also in the middle of a clip', async () => {
  const { slow, frames } = await openSlow();
  const running = slow.encodeClip(frames);
  const scoring = slow.encodeTexts(['a', 'b']);
  await expect.poll(videoProcesses).toHaveLength(1);
  await Promise.all([
    expect(running).rejects.toThrow(/ended during a run/),
    slow.close(),
    scoring.catch(() => {}),
  ]);
  expect(videoProcesses()).toEqual([]);
  await expect(slow.encodeClip(frames)).rejects.toThrow('The model is closed.');
  await expect(slow.encodeTexts(['a'])).rejects.toThrow('The model is closed.');
  await slow.close();
});

test('the video process ends when its parent is killed, and nothing keeps a closed one alive', async () => {
  const program = `
    import { loadCheckpoint } from '${new URL('../../dist/xclip/checkpoint.js', import.meta.url)}';
    import { openXClip } from '${new URL('../../dist/xclip/xclip.js', import.meta.url)}';
    const model = await openXClip(await loadCheckpoint('${fixture('many-layers')}', 'x', false));
    await model.encodeClip(new Uint8Array(5 * 23 * 23 * 3));
    if (process.argv[1] === 'close') await model.close();
    else process.stdout.write('ready');`;
  const start = (argument: string) =>
    spawn(process.execPath, ['--input-type=module', '-e', program, argument], { stdio: 'pipe' });

  const [code] = await once(start('close'), 'exit');
  expect(code).toBe(0);

  const parent = start('stay');
  await once(parent.stdout, 'data');
  const [child] = childrenOf(parent.pid as number) as [number];
  expect(child).toBeDefined();
  parent.kill('SIGKILL');
  await expect.poll(() => isAlive(child), { timeout: 5000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
