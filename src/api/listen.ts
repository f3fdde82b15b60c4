import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Milliseconds that running requests have to end when the server stops. */
const GRACE = 3000;

/** Why listening may fail, and what to do. */
const REASONS: Record<string, string> = {
  EADDRINUSE: 'the port is in use. Stop what uses it, or set PORT to another one.',
  EACCES: 'this port is not allowed. Set PORT to one above 1023.',
  EADDRNOTAVAIL: 'this machine has no such address. Set HOST to one it has.',
  ENOTFOUND: 'there is no such host. Set HOST to an address of this machine.',
};

/** Listens and returns the URL. Throws an error that says why it cannot. */
export function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) =>
      reject(
        new Error(`Cannot listen on ${host}:${port}: ${REASONS[cause.code ?? ''] ?? cause.message}`, {
          cause,
        }),
      );
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      const name = host.includes(':') ? `[${host}]` : host;
      resolve(`http://${name}:${(server.address() as AddressInfo).port}`);
    });
  });
}

/** Takes no more connections, lets running requests end within `GRACE`, then cuts what is left. */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), GRACE);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
