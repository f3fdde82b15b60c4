import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { vector } from '@electric-sql/pglite-pgvector';

/** What the embedded database's thread is asked: one statement at a time, or, with `close`, to end. */
export type EmbeddedRequest = { text: string; values?: unknown[] | undefined } | 'close';
/** What it answers, once per request, in order; and `ready` or an error once at the start. */
export type EmbeddedReply =
  | { rows: unknown[] }
  | { error: { message: string; code: string; constraint?: string | undefined } };

const port = parentPort;
if (!port) throw new Error('This file is the entry of a worker thread.');
const reply = (message: EmbeddedReply) => port.postMessage(message);

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
