import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';

/** What the embedded database's thread is asked: one statement at a time, to listen on a channel, or, with `close`, to end. */
export type EmbeddedRequest = { text: string; values?: unknown[] | undefined } | { listen: string } | 'close';
/** What it answers, once per request, in order; and `ready` or an error once at the start. */
export type EmbeddedReply =
  | { rows: unknown[] }
  | { error: { message: string; code: string; constraint?: string | undefined } };
/** What it tells between the answers. */
export type EmbeddedNotification = { channel: string; payload: string };

const port = parentPort;
if (!port) throw new Error('This file is the entry of a worker thread.');
const reply = (message: EmbeddedReply) => port.postMessage(message);
const notify = (message: EmbeddedNotification) => port.postMessage(message);

try {
  const database = await PGlite.create({
    dataDir: workerData.folder as string,
    extensions: { vector },
    parsers: { 20: Number },
  });
  port.on('message', async (request: EmbeddedRequest) => {
    if (request === 'close') {
      await database.close();
      port.close();
      return;
    }
    try {
      if ('listen' in request) {
        const channel = request.listen;
        await database.listen(channel, (payload) => notify({ channel, payload }));
        reply({ rows: [] });
        return;
      }
      const { text, values } = request;
      const result = values ? await database.query(text, values) : (await database.exec(text)).at(-1);
      reply({ rows: result?.rows ?? [] });
    } catch (error) {
      reply({ error: describe(error) });
    }
  });
  reply({ rows: [] });
} catch (error) {
  reply({ error: describe(error) });
  port.close();
}

/** The driver's errors also carry the statement, its parameters and row contents: those stay here. */
function describe(error: unknown): { message: string; code: string; constraint?: string | undefined } {
  const { message, code, constraint } = error as Error & { code?: string; constraint?: string };
  return { message, code: code ?? 'XX000', constraint };
}
