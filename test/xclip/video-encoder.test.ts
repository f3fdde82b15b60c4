import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { getPriority } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import type { XClip } from '#src/xclip/xclip.js';
import { DEFAULTS, fixture, slowCheckpoint } from './fixtures.js';

const FRAMES = 1800; // A clip of so many takes a tenth of a second and more.

const children = new Set<ChildProcess>();
subscribe('child_process', (message) => {
  children.add((message as { process: ChildProcess }).process);
});
/** Process ids of the video processes that run. */
function videoProcesses(): number[] {
  const running = [...children].filter(
    ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
  );
  return running.map(({ pid }) => pid as number);
}

async function openSlow(): Promise<{ slow: XClip; frames: Uint8Array }> {
  const slow = await openXClip(await loadCheckpoint(slowCheckpoint(FRAMES), 'slow', false), DEFAULTS);
  onTestFinished(() => slow.close());
  return { slow, frames: randomBytes(FRAMES * 23 * 23 * 3) };
}

test('the event loop stays free and texts are answered while a clip is encoded', async () => {
  const { slow, frames } = await openSlow();
  await slow.encodeTexts(['warm']);
  let encoded = false;
  const began = performance.now();
  const clip = slow.encodeClip(frames).then(() => {
    encoded = true;
  });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await slow.encodeTexts(['a red circle']);
  expect(encoded).toBe(false);
  await clip;
  delay.disable();
  expect(delay.max / 1e6).toBeLessThan((performance.now() - began) / 3);
});

test('an aborted clip is killed at once, one that waits is left out, and the next works', async () => {
  const { slow, frames } = await openSlow();
  await slow.encodeClip(frames);
  const [pid] = videoProcesses();
  const controller = new AbortController();
  const running = slow.encodeClip(frames, controller.signal);
  const waiting = slow.encodeClip(frames, controller.signal);
  await slow.encodeTexts(['meanwhile']);
  const began = performance.now();
  controller.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
  await expect(waiting).rejects.toThrow('cancelled');
  expect(performance.now() - began).toBeLessThan(1000);
  await expect.poll(videoProcesses, { timeout: 10_000 }).toHaveLength(0);

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

test('frames of another number of bytes are refused, and the next clip works', async () => {
  const { slow, frames } = await openSlow();
  await slow.encodeClip(frames);
  await expect(slow.encodeClip(frames.subarray(1))).rejects.toThrow(
    `The frames of a clip: ${frames.length - 1} bytes, not ${frames.length}.`,
  );
  expect((await slow.encodeClip(frames)).embedding).toHaveLength(12);
});

test('a crashed video process fails its run with a clear error, and the next call starts another', async () => {
  const { slow, frames } = await openSlow();
  await slow.encodeClip(frames);
  const running = slow.encodeClip(frames);
  await slow.encodeTexts(['meanwhile']);
  process.kill(videoProcesses()[0] as number, 'SIGKILL');
  await expect(running).rejects.toThrow("The model's process ended during a run (SIGKILL).");
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
  await expect.poll(videoProcesses, { timeout: 10_000 }).toHaveLength(0);
});

test('closing ends everything, also in the middle of a clip', async () => {
  const { slow, frames } = await openSlow();
  await slow.encodeClip(frames);
  const running = slow.encodeClip(frames);
  await slow.encodeTexts(['meanwhile']);
  await Promise.all([expect(running).rejects.toThrow(/ended during a run/), slow.close()]);
  expect(videoProcesses()).toEqual([]);
  await expect(slow.encodeClip(frames)).rejects.toThrow('The model is closed.');
  await expect(slow.encodeTexts(['a'])).rejects.toThrow('The model is closed.');
  await slow.close();
});

test('the video process ends when its parent is killed, and nothing keeps a closed one alive', async () => {
  const program = `
    import { loadCheckpoint } from '${new URL('../../dist/xclip/checkpoint.js', import.meta.url)}';
    import { openXClip } from '${new URL('../../dist/xclip/open-xclip.js', import.meta.url)}';
    const model = await openXClip(await loadCheckpoint('${fixture('many-layers')}', 'x', false), ${JSON.stringify(DEFAULTS)});
    await model.encodeClip(new Uint8Array(5 * 23 * 23 * 3));
    if (process.argv[1] === 'close') await model.close();
    else process.stdout.write('ready');`;
  const start = (argument: string) =>
    spawn(process.execPath, ['--input-type=module', '-e', program, argument], { stdio: 'pipe' });

  const [code] = await once(start('close'), 'close');
  expect(code).toBe(0);

  // 'close' comes when nobody has its output open any more, the video process included.
  const parent = start('stay');
  await once(parent.stdout, 'data');
  parent.kill('SIGKILL');
  await once(parent, 'close');
});
