import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurns } from '#src/xclip/turns.js';

test('callers that ask for piece after piece take turns', async () => {
  const turns = createTurns();
  const order: string[] = [];
  const caller = async (name: string) => {
    for (let i = 0; i < 3; i++) await turns(async () => order.push(name));
  };
  await Promise.all([caller('a'), caller('b'), caller('c')]);
  expect(order.join('')).toBe('abcabcabc');
});

test('one piece at a time, and a failing one fails its caller only', async () => {
  const turns = createTurns();
  let running = 0;
  const piece = async () => {
    expect(++running).toBe(1);
    await setImmediate();
    running--;
    return 'done';
  };
  const failing = turns(() => piece().then(() => Promise.reject(new Error('broken'))));
  const following = turns(piece);
  await expect(failing).rejects.toThrow('broken');
  expect(await following).toBe('done');
});

test('an aborted piece rejects at once with the reason and never runs', async () => {
  const turns = createTurns();
  let finish = () => {};
  const first = turns(() => new Promise<void>((resolve) => (finish = resolve)));
  const controller = new AbortController();
  let ran = false;
  const waiting = turns(async () => (ran = true), controller.signal);
  controller.abort(new Error('gone'));
  await expect(waiting).rejects.toThrow('gone');
  finish();
  await first;
  await turns(async () => {});
  expect(ran).toBe(false);
});
