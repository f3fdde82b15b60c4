import { createHash } from 'node:crypto';
import { mkdir, realpath, rm, rmdir, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Longer paths of Unix sockets are cut silently: 104 bytes on macOS, 108 on Linux, the closing zero included. */
const MAX_SOCKET_PATH = 103;
/** Taking over lasts milliseconds; a guard this old was left by a process that died in between. In ms. */
const STALE_GUARD = 10_000;

/**
 * Takes the lock of a directory for this process: a listening Unix socket, which the kernel stops answering when the
 * process dies, however it dies. Returns the release; null when it is held, here or by another process of this machine.
 */
export async function lockDirectory(directory: string): Promise<(() => Promise<void>) | null> {
  const socket = await socketPath(directory);
  const server = await oneAtATime(`${socket}.guard`, async () => {
    const first = await listen(socket);
    if (first || (await answers(socket))) return first;
    await rm(socket, { force: true });
    return listen(socket);
  });
  return server && (() => new Promise((resolve) => server.close(() => resolve())));
}

async function socketPath(directory: string): Promise<string> {
  const name = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex')
    .slice(0, 16);
  const path = join(tmpdir(), `clipql-${name}.sock`);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
  throw new Error(
    `The path of the temporary folder is too long for a Unix socket. Set TMPDIR to a shorter one.`,
  );
}

/** Null when the path is taken, by a live process or as the left-over of a dead one. */
function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(path, () => resolve(server.unref()));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const connection = connect(path, () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? resolve(false) : reject(error),
    );
  });
}

/**
 * Runs `work` in one process at a time, with a folder as guard: between a socket's creation and its first answer it
 * looks like a dead one's, and a second process would remove what the first has just made.
 */
async function oneAtATime<T>(guard: string, work: () => Promise<T>): Promise<T> {
  while (!(await made(guard))) {
    const age = await stat(guard).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > STALE_GUARD) await rmdir(guard).catch(() => {});
    await delay(20);
  }
  try {
    return await work();
  } finally {
    await rmdir(guard).catch(() => {});
  }
}

function made(folder: string): Promise<boolean> {
  return mkdir(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}
