/** Milliseconds a run may take; half of it is aimed at, since the machine's speed varies. */
const LONGEST = 50;
const AIM = LONGEST / 2;
/** Fewer units are mostly the cost of any run: with B/16 on two cores so many take 3 to 15 ms. */
const LEAST = 64;
const MOST = 4096;

/** How much work fits into one short run, learned from earlier runs of the same kind. */
export interface Pacer {
  /** Units of work (text–clip pairs, tokens) that the next run should take. */
  amount(kind: string): number;
  /** Reports a run. */
  ran(kind: string, amount: number, milliseconds: number): void;
}

export function createPacer(): Pacer {
  const amounts = new Map<string, number>();
  const amount = (kind: string) => Math.floor(amounts.get(kind) ?? LEAST);
  return {
    amount,
    ran(kind, done, milliseconds) {
      // A run much shorter than allowed says little of long ones: it is mostly the cost of any run.
      if (milliseconds < AIM && done < amount(kind)) return;
      const fitting = (done * AIM) / Math.max(milliseconds, 1);
      amounts.set(kind, Math.min(MOST, Math.max(LEAST, Math.min(fitting, 2 * done))));
    },
  };
}
