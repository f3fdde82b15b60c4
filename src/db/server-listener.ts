import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { createChannels } from './channels.ts';
import type { Database } from './database.ts';

/** Milliseconds until a broken connection is tried again; doubled after each failure, up to the longest. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 10_000;
/** Milliseconds of silence after which a connection is probed. */
const SILENCE = 10_000;

/** Listens for notifications of a server, over a connection of its own that is made when first needed. */
export function createServerListener(url: string): Pick<Database, 'listen'> & { close(): Promise<void> } {
  const channels = createChannels();
  const closing = new AbortController();
  let connecting: Promise<pg.Client> | null = null;

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: LONGEST_WAIT,
      // A server that is gone without a word is missed 10 s later: Node sends 10 probes, one a second.
      ...{ keepAlive: true, keepAliveInitialDelayMillis: SILENCE },
    });
    client.on('notification', ({ channel, payload = '' }) => channels.tell(channel, payload));
    client.on('error', () => {}); // 'end' follows
    try {
      await client.connect();
      for (const channel of channels.names()) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    client.once('end', () => {
      if (closing.signal.aborted) return;
      connecting = comeBack();
      connecting.catch(() => {}); // It is closed meanwhile.
    });
    return client;
  }

  async function comeBack(): Promise<pg.Client> {
    for (let pause = FIRST_WAIT; ; pause = Math.min(2 * pause, LONGEST_WAIT)) {
      await wait(pause, null, { signal: closing.signal });
      const client = await connect().catch(() => null);
      if (!client) continue;
      for (const channel of channels.names()) channels.tell(channel, '');
      return client;
    }
  }

  return {
    async listen(channel, hear) {
      const isNew = !channels.names().includes(channel);
      const remove = channels.add(channel, hear);
      const connected = connecting !== null;
      connecting ??= connect();
      const client = await connecting;
      if (connected && isNew) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      return remove;
    },
    async close() {
      closing.abort();
      await connecting?.then(
        (client) => client.end(),
        () => {},
      );
    },
  };
}
