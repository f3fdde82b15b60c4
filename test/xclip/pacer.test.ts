import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPacer } from '#src/xclip/pacer.js';

// A machine that needs `cost` ms for each unit of work and `fixed` ms for any run.
const machine = fc.record({
  cost: fc.double({ min: 0.01, max: 100, noNaN: true }),
  fixed: fc.double({ min: 0, max: 5, noNaN: true }),
});

test('learns an amount that fits into 50 ms and uses at least a quarter of it, but takes 64 on the slowest machine', () => {
  fc.assert(
    fc.property(machine, ({ cost, fixed }) => {
      const pacer = createPacer();
      const run = () => {
        const amount = pacer.amount('pairs');
        const time = fixed + cost * amount;
        pacer.ran('pairs', amount, time);
        return { amount, time };
      };
      for (let i = 0; i < 10; i++) run();
      const { amount, time } = run();
      expect(amount).toBeGreaterThanOrEqual(64);
      if (amount > 64) expect(time).toBeLessThanOrEqual(50);
      if (amount < 4096) expect(time).toBeGreaterThan(12.5);
    }),
  );
});

test('a small last run says nothing of the speed of large ones', () => {
  const pacer = createPacer();
  pacer.ran('pairs', pacer.amount('pairs'), 10);
  const amount = pacer.amount('pairs');
  pacer.ran('pairs', 1, 5);
  expect(pacer.amount('pairs')).toBe(amount);
  expect(pacer.amount('other')).toBeLessThan(amount);
});
