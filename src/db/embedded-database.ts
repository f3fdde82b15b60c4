import { Worker } from 'node:worker_threads';
import { createChannels } from './channels.ts';
import type { Database } from './database.ts';
import { DatabaseError } from './database-error.ts';
import type { EmbeddedNotification, EmbeddedReply, EmbeddedRequest } from './embedded-worker.ts';
import { transactionGuard } from './transaction-guard.ts';

/** The embedded database has no background processes: without checkpoints its log grows past a gigabyte. */
const CHECKPOINT_EVERY = 5 * 60_000;
const VACUUM_EVERY = 60 * 60_000;

/**
 * Opens (or makes) the embedded PostgreSQL in `folder`, in a thread of its own. It is one session: statements run one
 * after another, and a transaction keeps all others waiting until it ends. What it acknowledged survives the death of
 * the process but, as it never syncs to disk, not a power cut.
 */
export async function openEmbeddedDatabase(folder: string): Promise<Database> {
  const thread = startThread(folder);
  await thread.answer().catch((error) => {
    throw new Error(`The embedded database cannot be opened: ${error.message}`, { cause: error });
  });
  const guard = transactionGuard();
  const inTurn = turns();

  const query: Database['query'] = async (text, values) => {
    guard.refuseInside();
    return inTurn(() => thread.send(text, values));
  };
  const timers = [
    setInterval(() => query('CHECKPOINT').catch(() => {}), CHECKPOINT_EVERY),
    setInterval(() => query('VACUUM ANALYZE').catch(() => {}), VACUUM_EVERY),
  ];
  for (const timer of timers) timer.unref();

  return {
    kind: 'embedded',
    query,
    async transaction(work) {
      guard.refuseInside();
      return inTurn(async () => {
        await thread.send('BEGIN');
        try {
          const result = await guard.run((text, values) => thread.send(text, values), work);
          await thread.send('COMMIT');
          return result;
        } catch (error) {
          await thread.send('ROLLBACK').catch(() => {}); // fails only when the thread is gone
          throw error;
        }
      });
    },
    async listen(channel, hear) {
      const isNew = !thread.channels.names().includes(channel);
      const remove = thread.channels.add(channel, hear);
      if (isNew) await inTurn(() => thread.listen(channel));
      return remove;
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await inTurn(() => thread.close());
    },
  };
}

/** Runs functions one after another, in the order they came. */
function turns() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}

/** The thread and its conversation: replies come in the order of the requests. */
function startThread(folder: string) {
  const worker = new Worker(new URL('./embedded-worker.js', import.meta.url), { workerData: { folder } });
  const waiting: { resolve(rows: never[]): void; reject(error: Error): void }[] = [];
  let ended: Error | null = null;

  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.splice(0)) reject(ended);
  };
  const channels = createChannels();
  worker.on('message', (reply: EmbeddedReply | EmbeddedNotification) => {
    if ('channel' in reply) return channels.tell(reply.channel, reply.payload);
    const request = waiting.shift();
    if ('error' in reply) request?.reject(new DatabaseError(reply.error));
    else request?.resolve(reply.rows as never[]);
  });
  worker.on('messageerror', (error) =>
    waiting.shift()?.reject(new Error('The embedded database’s answer cannot be read.', { cause: error })),
  );
  worker.on('error', (error) => end(new Error('The embedded database stopped.', { cause: error })));
  worker.on('exit', () => end(new Error('The embedded database is closed.')));

  const answer = <Row>() =>
    new Promise<Row[]>((resolve, reject) => {
      if (ended) reject(ended);
      else waiting.push({ resolve, reject });
    });
  const post = (request: EmbeddedRequest) => worker.postMessage(request);

  return {
    answer,
    channels,
    async listen(channel: string): Promise<void> {
      post({ listen: channel });
      await answer();
    },
    async send<Row>(text: string, values?: unknown[]): Promise<Row[]> {
      post({ text, values });
      return answer<Row>();
    },
    async close(): Promise<void> {
      if (ended) return;
      const exit = new Promise((resolve) => worker.once('exit', resolve));
      post('close');
      await exit;
    },
  };
}
