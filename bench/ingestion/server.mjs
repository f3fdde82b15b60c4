import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
export const TOKEN = 'a-token-for-the-benchmark';

/** A process of ClipQL with these settings; `ready` gives its URL. */
export function startServer(settings) {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      ADMIN_TOKEN: TOKEN,
      PORT: '0',
      SAMPLES: 'off',
      MODEL: process.env.MODEL ?? 'bundled',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = new Promise((resolve, reject) => {
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
      const [, url] = /ready at (\S+)/.exec(said) ?? [];
      if (url) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said}`)));
  });
  ready.catch(() => {});
  return { pid: child.pid, ready, kill: (signal) => child.kill(signal), ended: once(child, 'exit') };
}

/** What the API answers; throws its first error. */
export async function ask(url, query, variables = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}

export const counts = async (url) =>
  (await ask(url, '{ ingestions(first: 1) { counts { queued running succeeded failed cancelled } } }'))
    .ingestions.counts;

/** Every ingestion. */
export async function allIngestions(url) {
  const all = [];
  for (let after = null; ; ) {
    const { ingestions } = await ask(
      url,
      `query ($after: String) { ingestions(first: 100, after: $after) {
         edges { node { id state duplicate attempts error { code } source { name } video { id sha256 } } }
         pageInfo { hasNextPage endCursor } } }`,
      { after },
    );
    all.push(...ingestions.edges.map(({ node }) => node));
    if (!ingestions.pageInfo.hasNextPage) return all;
    after = ingestions.pageInfo.endCursor;
  }
}

/** Resident memory in MB of a process and all below it, now: the sum, and the largest of them. */
export function memoryOf(pid) {
  const sizes = treeOf(pid).map((one) => {
    try {
      return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    } catch {
      return 0; // it has ended meanwhile
    }
  });
  return { sum: sizes.reduce((a, b) => a + b, 0), largest: Math.max(...sizes) };
}

/** Every process below one: its program, and the most memory in MB it has had resident. */
export function childrenOf(pid) {
  return treeOf(pid)
    .slice(1)
    .flatMap((one) => {
      try {
        const status = readFileSync(`/proc/${one}/status`, 'utf8');
        const [, name] = /Name:\s+(\S+)/.exec(status);
        return [{ name, peak: Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024) }];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}

function treeOf(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean);
    return [pid, ...children.flatMap((child) => treeOf(Number(child)))];
  } catch {
    return [];
  }
}
