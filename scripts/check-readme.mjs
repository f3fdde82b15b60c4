// Does what the README says, as a new user would: clones the repository, runs `npm start`, waits until the samples
// can be searched, runs the shell examples in order and compares each answer with the one printed below it.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const START_LIMIT_MS = 10 * 60_000;
/** Answers are compared to this difference: what another processor may change in the last digits. */
const TOLERANCE = 0.02;

/** The README's examples: a block of shell, then (perhaps) the answer in a block of JSON. */
function examples(readme) {
  const blocks = [...readme.matchAll(/^```sh check\n([\s\S]*?)^```\n+(?:^```json\n([\s\S]*?)^```)?/gm)];
  return blocks.map(([, command, answer]) => ({ command, answer: answer && JSON.parse(answer) }));
}

/** Ids differ from library to library; numbers may differ by a hair. */
function compare(actual, expected, path = 'answer') {
  if (typeof expected === 'number') {
    assert.ok(Math.abs(actual - expected) <= TOLERANCE, `${path}: ${actual} instead of ${expected}`);
  } else if (expected !== null && typeof expected === 'object') {
    assert.deepEqual(Object.keys(actual ?? {}), Object.keys(expected), path);
    for (const key of Object.keys(expected)) compare(actual[key], expected[key], `${path}.${key}`);
  } else if (!/\.(id|sha256|createdAt)$/.test(path)) {
    assert.equal(actual, expected, path);
  }
}

/** Waits until nothing is queued or running; returns how many were ingested. */
async function allIngested(url) {
  const query =
    '{ videos(first: 100) { edges { node { searchable } } } ingestions(first: 100) { edges { node { state } } } }';
  for (;;) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data } = await response.json();
    const states = data.ingestions.edges.map(({ node }) => node.state);
    assert.ok(!states.includes('FAILED'), 'an ingestion failed');
    if (states.length > 0 && states.every((state) => state === 'SUCCEEDED')) return states.length;
    await wait(500);
  }
}

const clone = join(mkdtempSync(join(tmpdir(), 'clipql-readme-')), 'clipql');
execFileSync('git', ['clone', '--quiet', ROOT, clone]);
const started = Date.now();
const server = spawn('npm', ['start'], { cwd: clone, stdio: ['ignore', 'pipe', 'inherit'] });
const exit = new Promise((resolve) => server.once('exit', resolve));
const tooLate = setTimeout(() => server.kill('SIGTERM'), START_LIMIT_MS);
try {
  let url;
  for await (const line of createInterface({ input: server.stdout })) {
    console.log(`  | ${line}`);
    url = /http:\/\/\S+\/graphql/.exec(line)?.[0];
    if (url) break;
  }
  assert.ok(url, 'the server did not say where it listens');
  server.stdout.resume();
  console.log(`ready after ${Date.now() - started} ms (installing and building included)`);
  console.log(`${await allIngested(url)} samples searchable after ${Date.now() - started} ms`);
  for (const { command, answer } of examples(readFileSync(join(clone, 'README.md'), 'utf8'))) {
    console.log(command.trim());
    await allIngested(url);
    const output = execFileSync('bash', ['-euo', 'pipefail', '-c', command], {
      cwd: clone,
      encoding: 'utf8',
    });
    console.log(output.trim());
    if (answer) compare(JSON.parse(output), answer);
  }
} finally {
  clearTimeout(tooLate);
  server.kill('SIGTERM');
  const code = await exit;
  rmSync(dirname(clone), { recursive: true, force: true });
  assert.equal(code, 0, `npm start ended with ${code}`);
}
console.log('The README holds.');
