import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Milliseconds that running requests have to end when the server stops. */
const GRACE = 3000;

/** Listens and returns the URL. Throws the system's error, such as `EADDRINUSE`. */
export function listen(server: Server, port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
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
