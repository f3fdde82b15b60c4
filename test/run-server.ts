import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface RunningServer {
  process: ChildProcess;
  /** Everything written so far, to both outputs. */
  output(): string;
  /** The URL once it is ready; rejects when the process ends before. */
  ready: Promise<string>;
  /** The exit code, or the name of the signal that ended it. */
  ended: Promise<number | string>;
}

/** Starts `dist/main.js` as `npm start` does, with nothing set but `environment`. */
export function runServer(environment: Record<string, string>): RunningServer {
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH: process.env.PATH, HOME: '/nowhere', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let written = '';
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const ready = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      written += chunk;
      const url = /ready at (\S+)/.exec(written)?.[1];
      if (url) resolve(url);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    ended.then((code) => reject(new Error(`ended with ${code}:\n${written}`)));
  });
  ready.catch(() => {}); // who waits for the end alone does not miss it
  return { process: child, output: () => written, ready, ended };
}
