import { setTimeout } from 'node:timers/promises';

/** Asks again and again, as a client does, until there is an answer. */
export async function until<T>(ask: () => Promise<T | null | false>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    await setTimeout(200);
  }
}
