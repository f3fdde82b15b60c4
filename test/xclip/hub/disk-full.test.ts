import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fetchModel } from '#src/xclip/hub/fetch-model.js';
import { fixture } from '../fixtures.js';
import { digestOf, type FakeHub, startFakeHub } from './fake-hub.js';
import { safetensorsFile } from './safetensors-file.js';

const SIZE = 4_000_000;
const NAME = 'owner/model';
const weights = safetensorsFile(SIZE);

const disk = mkdtempSync(join(tmpdir(), 'clipql-disk-'));
/** A disk of its own of 6 MB; the system may not allow it. */
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', disk]).status === 0;

describe.skipIf(!mounted)('on a full disk', () => {
  let fake: FakeHub;
  beforeAll(async () => {
    const files = ['config.json', 'preprocessor_config.json', 'tokenizer.json'];
    const small = Object.fromEntries(files.map((file) => [file, readFileSync(fixture(`half/${file}`))]));
    fake = await startFakeHub({ [NAME]: { main: { ...small, 'model.safetensors': weights } } });
  });
  afterAll(() => fake.close());

  const partial = (cache: string) =>
    join(cache, 'models--owner--model/blobs', `${digestOf('model.safetensors', weights)}.incomplete`);
  const fetchInto = (cache: string) =>
    fetchModel({ cache, endpoint: fake.endpoint, token: null, offline: false, proxies: null }, NAME);

  test('a model that cannot fit is refused before it is fetched, with the space it needs', async () => {
    const cache = join(disk, 'before');
    writeFileSync(join(disk, 'filler'), Buffer.alloc(3_500_000));
    await expect(fetchInto(cache)).rejects.toMatchObject({
      message: expect.stringMatching(/too full for model\.safetensors: 4\.0 MB needed, 2\.\d MB free/),
      retryable: true,
    });
    expect(fake.requests.filter(({ server }) => server === 'cdn')).toEqual([]);
    rmSync(join(disk, 'filler'));
    await fetchInto(cache);
    rmSync(cache, { recursive: true });
  });

  test('what fills while it is fetched keeps what has come', async () => {
    const cache = join(disk, 'while');
    mkdirSync(cache);
    fake.fault = ({ server }) => {
      if (server === 'cdn') writeFileSync(join(disk, 'filler'), Buffer.alloc(4_000_000));
      return undefined;
    };
    await expect(fetchInto(cache)).rejects.toMatchObject({
      message: expect.stringContaining('cache is full'),
      retryable: true,
    });
    fake.fault = () => undefined;
    const kept = readFileSync(partial(cache));
    expect(kept.length).toBeGreaterThan(100_000);
    expect(weights.subarray(0, kept.length).equals(kept)).toBe(true);
    rmSync(join(disk, 'filler'));
    const { folder } = await fetchInto(cache);
    expect(readFileSync(join(folder, 'model.safetensors')).equals(weights)).toBe(true);
    expect(fake.requests.at(-1)?.headers.range).toBe(`bytes=${kept.length}-`);
  });
});

afterAll(() => {
  if (mounted) spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true });
});
