import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Starts a side of the benchmark: a process that answers one JSON line with one JSON line. */
export async function startSide(name, command, values) {
  const begun = performance.now();
  const child = spawn(command, values, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, TRANSFORMERS_VERBOSITY: 'error', HF_HUB_DISABLE_PROGRESS_BARS: '1' },
  });
  let trouble = '';
  child.stderr.on('data', (text) => {
    trouble = (trouble + text).slice(-4000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const reply = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${name} ended:\n${trouble}`);
    return value;
  };
  await reply(); // "ready"
  const startup = performance.now() - begun;
  return {
    name,
    /** Milliseconds until its libraries were loaded. */
    startup,
    async ask(...request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return JSON.parse(await reply());
    },
    async end() {
      const exit = once(child, 'exit');
      child.stdin.end();
      await exit;
    },
  };
}
