import { AsyncLocalStorage } from 'node:async_hooks';
import type { Queryable } from './database.ts';

/**
 * Keeps code inside a transaction from using the database instead of the transaction, which on the embedded database
 * would wait for itself for ever, and from using a transaction that has ended.
 */
export function transactionGuard() {
  const inside = new AsyncLocalStorage<true>();
  return {
    /** Throws when called from inside a transaction's work. */
    refuseInside(): void {
      if (inside.getStore()) throw new Error('Inside a transaction only the transaction may be used.');
    },
    /** Runs `work` with a Queryable that sends to `query` until the work ends. */
    async run<T>(query: Queryable['query'], work: (tx: Queryable) => Promise<T>): Promise<T> {
      let open = true;
      const tx: Queryable = {
        query: async (text, values) => {
          if (!open) throw new Error('The transaction has ended.');
          return query(text, values);
        },
      };
      try {
        return await inside.run(true, () => work(tx));
      } finally {
        open = false;
      }
    },
  };
}
