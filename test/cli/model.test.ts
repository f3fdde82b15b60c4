import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fixture } from '../xclip/fixtures.js';
import { digestOf, type FakeHub, startFakeHub } from '../xclip/hub/fake-hub.js';
import { safetensorsFile } from '../xclip/hub/safetensors-file.js';

const CLIPQL = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const NAME = 'owner/model';
const SMALL = ['config.json', 'preprocessor_config.json', 'tokenizer.json'];
const weights = safetensorsFile(1_000_000);
const small = Object.fromEntries(SMALL.map((file) => [file, readFileSync(fixture(`half/${file}`))]));
const smallBytes = Object.values(small).reduce((sum, bytes) => sum + bytes.length, 0);
const blob = digestOf('model.safetensors', weights);

let cache: string;
let fake: FakeHub;
let children: ChildProcess[];
beforeEach(async () => {
  cache = mkdtempSync(join(tmpdir(), 'clipql-cli-'));
  children = [];
  fake = await startFakeHub({
    [NAME]: {
      main: { ...small, 'model.safetensors': weights },
      v2: { ...small, 'model.safetensors': weights, 'clipql.json': Buffer.alloc(5000, ' ') },
    },
  });
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await fake.close();
  rmSync(cache, { recursive: true });
});

interface Run {
  child: ChildProcess;
  output: { stdout: string; stderr: string };
  /** Its exit code, or the signal that ended it. */
  end: Promise<number | string>;
}

function clipql(...args: string[]): Run {
  const child = spawn(process.execPath, [CLIPQL, ...args], {
    env: { PATH: process.env.PATH, HF_HUB_CACHE: cache, HF_ENDPOINT: fake.endpoint },
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (output.stdout += text));
  child.stderr.on('data', (text) => (output.stderr += text));
  return { child, output, end: once(child, 'close').then(([code, signal]) => code ?? signal) };
}

async function run(...args: string[]) {
  const { output, end } = clipql(...args);
  return { code: await end, ...output };
}

const partial = () => join(cache, 'models--owner--model/blobs', `${blob}.incomplete`);

/** A pull whose connection is slow; resolves when a part has come. */
async function slowPull(): Promise<Run> {
  fake.fault = ({ server }) => (server === 'cdn' ? { silentAfter: 300_000 } : undefined);
  const pull = clipql('model', 'pull', NAME);
  await expect
    .poll(() => existsSync(partial()) && statSync(partial()).size, { timeout: 20_000 })
    .toBe(300_000);
  fake.fault = () => undefined;
  return pull;
}

test('pull fetches, list shows, remove frees', async () => {
  expect(await run('model', 'list')).toMatchObject({ code: 0, stdout: `There is no X-CLIP in ${cache}.\n` });

  const pulled = await run('model', 'pull', NAME);
  expect(pulled).toMatchObject({ code: 0, stdout: expect.stringContaining(`${NAME} is in ${cache}`) });
  expect(pulled.stderr).toContain(' of 1.0 MB');

  const listed = await run('model', 'list');
  expect(listed.stdout).toMatch(/^owner\/model {2}1\.0 MB {2}complete\n {2}\/.*\/snapshots\/[0-9a-f]{40}\n$/);
  rmSync(join(cache, 'models--owner--model/blobs', blob));
  expect((await run('model', 'list')).stdout).toContain(
    'not usable: its copy in the local cache lacks model.safetensors',
  );

  const removed = await run('model', 'remove', NAME);
  expect(removed).toMatchObject({
    code: 0,
    stdout: `${NAME} is removed: ${(smallBytes / 1e6).toFixed(1)} MB freed.\n`,
  });
  expect(readdirSync(cache)).toEqual([]);
});

test('remove keeps what another revision shares', async () => {
  await run('model', 'pull', NAME);
  await run('model', 'pull', `${NAME}@v2`);
  expect(await run('model', 'remove', `${NAME}@v2`)).toMatchObject({
    code: 0,
    stdout: `${NAME}@v2 is removed: 0.0 MB freed.\n`,
  });
  expect((await run('model', 'list')).stdout).toMatch(/^owner\/model {2}1\.0 MB {2}complete\n.*\n$/);
  expect(readdirSync(join(cache, 'models--owner--model/blobs'))).toHaveLength(4);
  // As weights in int8 are written beside the model's.
  writeFileSync(join(cache, 'models--owner--model/blobs', `${blob}.int8.safetensors`), Buffer.alloc(700_000));
  expect(await run('model', 'remove', `${NAME}@main`)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1.7 MB freed'),
  });
  expect(readdirSync(join(cache, 'models--owner--model/blobs'))).toEqual([]);
});

describe('a pull', () => {
  test('killed, is gone on with', async () => {
    const { child, end } = await slowPull();
    child.kill('SIGKILL');
    expect(await end).toBe('SIGKILL');
    expect(await run('model', 'pull', NAME)).toMatchObject({ code: 0 });
    expect(fake.requests.at(-1)).toMatchObject({ server: 'cdn', headers: { range: 'bytes=300000-' } });
  });

  test('interrupted, says that what has come stays', async () => {
    const { child, output, end } = await slowPull();
    child.kill('SIGINT');
    expect(await end).toBe(1);
    expect(output.stderr).toContain('clipql: Interrupted. What has come stays');
    expect(statSync(partial()).size).toBe(300_000);
    const name = `${NAME}@${fake.commit(NAME)}`;
    expect((await run('model', 'list')).stdout).toContain(
      `${name}  0.0 MB  not usable: its copy in the local cache lacks model.safetensors`,
    );
  });

  test('beside another waits for it, tells how far that is, and fetches nothing itself', async () => {
    const first = await slowPull();
    const second = clipql('model', 'pull', NAME);
    await expect.poll(() => second.output.stderr, { timeout: 20_000 }).toMatch(/0\.3 MB of 1\.0 MB/);
    first.child.kill('SIGKILL');
    expect(await second.end).toBe(0);
    expect(fake.requests.filter(({ server }) => server === 'cdn')).toHaveLength(2);
  });

  test('keeps another from removing it', async () => {
    await slowPull();
    expect(await run('model', 'remove', NAME)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is being fetched'),
    });
  });

  test('that fails, says why in one line', async () => {
    const failed = await run('model', 'pull', 'owner/other');
    expect(failed).toMatchObject({ code: 1, stdout: '' });
    expect(failed.stderr).toMatch(/^clipql: The hub .* does not give out owner\/other@main .*\n$/);
  });
});

test.each([
  [['model', 'pull', 'no-name'], 'owner/name'],
  [['model', 'fetch'], "unknown command 'fetch'"],
  [['model', 'remove'], "missing required argument 'name'"],
])('%j is not understood', async (args, message) => {
  expect(await run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
});

test('removing what is not there', async () => {
  expect(await run('model', 'remove', NAME)).toMatchObject({
    code: 1,
    stderr: `clipql: ${NAME} is not in the local cache.\n`,
  });
});
