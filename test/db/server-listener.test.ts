import { connect, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServerListener } from '#src/db/server-listener.js';
import { type FreshDatabase, freshDatabase } from './fresh-database.js';

/** A way to a server that can be cut: `refuse` many connections end before they begin. */
function cuttableWay(to: pg.Client) {
  const open = new Set<Socket>();
  let refuse = 0;
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    if (refuse > 0) {
      refuse--;
      return socket.destroy();
    }
    const path = `${to.host}/.s.PGSQL.${to.port}`;
    const target = to.host.startsWith('/') ? connect(path) : connect(to.port, to.host);
    target.on('error', () => socket.destroy());
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      target.destroy();
    });
    socket.pipe(target).pipe(socket);
  });
  return {
    server,
    open,
    cut(times: number) {
      refuse = times;
      for (const socket of open) socket.destroy();
    },
    left: () => refuse,
  };
}

describe.runIf(process.env.TEST_DATABASE_URL)('listening to a server that goes and comes', () => {
  let fresh: FreshDatabase;
  beforeAll(async () => {
    fresh = await freshDatabase('server');
  });
  afterAll(() => fresh.remove());

  test('one connection comes back after several attempts, and tells once', async () => {
    const client = new pg.Client(fresh.settings.url);
    const way = cuttableWay(client);
    await new Promise<void>((resolve) => way.server.listen(0, '127.0.0.1', resolve));
    const { port } = way.server.address() as { port: number };
    const { user = '', password, database } = client;
    const secret = password ? `:${encodeURIComponent(password)}` : '';
    const listener = createServerListener(`postgresql://${user}${secret}@127.0.0.1:${port}/${database}`);
    const heard: string[] = [];
    try {
      await listener.listen('news', (payload) => heard.push(payload));
      way.cut(3);
      await expect.poll(() => heard, { timeout: 15_000 }).toEqual(['']);
      expect(way.left()).toBe(0);
      await fresh.db.query(`SELECT pg_notify('news', 'after')`);
      await expect.poll(() => heard).toEqual(['', 'after']);
      expect(way.open.size).toBe(1);
    } finally {
      await listener.close();
    }
    await expect.poll(() => way.open.size).toBe(0);
    await new Promise((resolve) => way.server.close(resolve));
  });
});
