import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fetchModel } from '#src/xclip/hub/fetch-model.js';
import { findInHubCache } from '#src/xclip/hub/find-in-hub-cache.js';
import type { Hub } from '#src/xclip/hub/hub.js';
import { fixture } from '../fixtures.js';
import { digestOf, type FakeHub, type FakeRepository, startFakeHub } from './fake-hub.js';
import type { FakeRequest, Fault } from './fake-send.js';
import { safetensorsFile } from './safetensors-file.js';

const NAME = 'owner/model';
const FILES = ['config.json', 'preprocessor_config.json', 'tokenizer.json', 'model.safetensors'];
/** Patience of a test: five attempts, but soon. */
const patience = { attempts: 5, stall: 500, wait: 5 };

const weights = safetensorsFile(2_000_000);
/** Bytes that a broken connection may lose on their way through this process: what is not yet asked for. */
const BLOCK = 65_536;

const read = (name: string) =>
  name === 'model.safetensors' ? weights : readFileSync(fixture(`half/${name}`));
const model = (): Record<string, Buffer> => Object.fromEntries(FILES.map((file) => [file, read(file)]));

let fake: FakeHub;
let hub: Hub;

async function start(repository: FakeRepository = { main: model() }, token?: string): Promise<void> {
  await fake?.close();
  fake = await startFakeHub({ [NAME]: repository }, { token });
  hub = { ...hub, endpoint: fake.endpoint };
}

beforeEach(async () => {
  hub = {
    cache: mkdtempSync(join(tmpdir(), 'clipql-hub-')),
    endpoint: '',
    token: null,
    offline: false,
    proxies: null,
  };
  await start();
});
afterEach(async () => {
  await fake.close();
  rmSync(hub.cache, { recursive: true });
});

const entry = () => join(hub.cache, 'models--owner--model');
const blob = (file: string, bytes = read(file)) => join(entry(), 'blobs', digestOf(file, bytes));
const fetched = (name = NAME) => fetchModel(hub, name, { patience });

/** All files in the folder as the hub has them. */
function expectWhole(folder: string): void {
  for (const file of FILES) expect(readFileSync(join(folder, file)).equals(read(file))).toBe(true);
}

/** Faults for the requests of the weights' bytes, in turn. */
function forWeights(...faults: (Fault | undefined)[]): void {
  fake.fault = (request) => (request.server === 'cdn' ? faults.shift() : undefined);
}

const cdn = () => fake.requests.filter((request) => request.server === 'cdn');
const sentBytes = (requests: FakeRequest[]) =>
  requests.reduce((sum, { sent }) => sum + sent.end - sent.start, 0);

describe('a model that is not there', () => {
  test('is fetched into the cache as its other clients lay it out', async () => {
    const progress: { done: number; total: number }[] = [];
    const { folder } = await fetchModel(hub, NAME, { onProgress: (p) => progress.push(p) });
    expectWhole(folder);
    expect(folder).toBe(join(entry(), 'snapshots', fake.commit(NAME)));
    expect(readFileSync(join(entry(), 'refs/main'), 'utf8')).toBe(fake.commit(NAME));
    for (const file of FILES) {
      expect(readlinkSync(join(folder, file))).toBe(`../../blobs/${digestOf(file, read(file))}`);
    }
    expect(readdirSync(join(entry(), 'blobs')).sort()).toEqual(
      FILES.map((file) => digestOf(file, read(file))).sort(),
    );
    const total = FILES.reduce((sum, file) => sum + read(file).length, 0);
    expect(progress.at(-1)).toEqual({ done: total, total });
    expect(progress.map(({ done }) => done)).toEqual(
      progress.map(({ done }) => done).toSorted((a, b) => a - b),
    );
    expect(await findInHubCache({ ...hub, offline: true }, NAME)).toEqual({ folder });
  });

  test('by a branch, a tag, a commit', async () => {
    await start({ main: model(), 'v1.0/final': { ...model(), 'clipql.json': Buffer.from('{}') } });
    const { folder } = await fetched(`${NAME}@v1.0/final`);
    expect(readFileSync(join(folder, 'clipql.json'), 'utf8')).toBe('{}');
    expect(await findInHubCache(hub, `${NAME}@v1.0/final`)).toEqual({ folder });
    const commit = `${NAME}@${fake.commit(NAME)}`;
    expect(await findInHubCache(hub, commit)).toEqual({ missing: 'it is not in the local cache' });
    expectWhole((await fetched(commit)).folder);
    expect(readdirSync(join(entry(), 'refs'), { recursive: true })).toEqual(['v1.0', 'v1.0/final']);
    expect('folder' in (await findInHubCache(hub, commit))).toBe(true);
  });

  test('offline, is not asked for', async () => {
    await expect(fetchModel({ ...hub, offline: true }, NAME)).rejects.toThrow('HF_HUB_OFFLINE');
    expect(fake.requests).toEqual([]);
  });

  test('by two at once, is fetched once', async () => {
    const both = await Promise.all([fetched(), fetched()]);
    expect(both[0]).toEqual(both[1]);
    expect(cdn()).toHaveLength(1);
  });

  test('another kind of model is refused before its weights are fetched', async () => {
    await start({ main: { ...model(), 'config.json': Buffer.from('{"model_type": "clip"}') } });
    await expect(fetched()).rejects.toThrow(/owner\/model cannot be used.*not an X-CLIP/);
    expect(cdn()).toEqual([]);
  });
});

describe('weights that are not on the revision', () => {
  const pickled = () => {
    const { 'model.safetensors': _, ...files } = model();
    return { ...files, 'pytorch_model.bin': Buffer.from('pickle') };
  };

  test('come from the conversion bot’s newest pull request, and are found offline by the plain name', async () => {
    const { 'tokenizer.json': _, ...old } = model();
    await start({ main: pickled(), 'refs/pr/1': model(), 'refs/pr/9': old, 'refs/pr/11': pickled() });
    const { folder } = await fetched();
    expectWhole(folder);
    expect(folder).toBe(join(entry(), 'snapshots', fake.commit(NAME, 'refs/pr/9')));
    expect(await findInHubCache(hub, NAME)).toEqual({ folder });
    expect(await findInHubCache(hub, `${NAME}@refs/pr/9`)).toEqual({ folder });
    expect(readFileSync(join(entry(), 'refs/main'), 'utf8')).toBe(fake.commit(NAME));
    const main = join(entry(), 'snapshots', fake.commit(NAME));
    expect(readdirSync(main).sort()).toEqual(['config.json', 'preprocessor_config.json', 'tokenizer.json']);
    expect(fake.requests.filter(({ path }) => path.includes('pytorch_model.bin'))).toEqual([]);
  });

  test('come from no other pull request that is there', async () => {
    await start({ main: pickled(), 'refs/pr/1': model(), 'refs/pr/2': model() });
    await fetched(`${NAME}@refs/pr/2`);
    expect(await findInHubCache(hub, NAME)).toHaveProperty('missing');
    const { folder } = await fetched();
    expect(folder).toBe(join(entry(), 'snapshots', fake.commit(NAME, 'refs/pr/1')));
    expect(await findInHubCache(hub, NAME)).toEqual({ folder });
  });

  test('come from one of the first pull requests of a mirror that does not tell whose they are', async () => {
    await start({ main: pickled(), 'refs/pr/2': model() });
    fake.fault = ({ path }) => (path.includes('/discussions') ? { status: 404 } : undefined);
    const { folder } = await fetched();
    expectWhole(folder);
    expect(await findInHubCache(hub, NAME)).toEqual({ folder });
  });

  test('are not taken from a stranger’s pull request unasked', async () => {
    await start({ main: pickled(), 'refs/pr/2': model() });
    await expect(fetched()).rejects.toThrow(/only as pytorch_model.bin.*never read.*owner\/model@refs\/pr/);
    expectWhole((await fetched(`${NAME}@refs/pr/2`)).folder);
    expect(await findInHubCache(hub, NAME)).toHaveProperty('missing');
  });

  test.each([
    ['model.safetensors.index.json', /several files/],
    ['README.md', /lacks model.safetensors/],
  ])('with %s instead', async (file, message) => {
    const { 'pytorch_model.bin': _, ...rest } = pickled();
    await start({ main: { ...rest, [file]: Buffer.from('{}') } });
    await expect(fetched()).rejects.toThrow(message);
  });

  test('and another file that is nowhere', async () => {
    const { 'tokenizer.json': _, ...rest } = model();
    await start({ main: rest });
    await expect(fetched()).rejects.toThrow(
      'owner/model@main cannot be used: on the hub it lacks tokenizer.json',
    );
    expect(cdn()).toEqual([]);
  });
});

describe('what is there', () => {
  test('is not fetched again, but checked', async () => {
    const first = await fetched();
    const before = cdn().length;
    expect(await fetched()).toEqual(first);
    expect(cdn()).toHaveLength(before);
  });

  test.each([
    ['with other bytes', (path: string) => writeFileSync(path, Buffer.alloc(weights.length))],
    ['cut off', (path: string) => truncateSync(path, 1000)],
    ['gone', (path: string) => rmSync(path)],
  ])('%s, is repaired', async (_, spoil) => {
    const { folder } = await fetched();
    spoil(blob('model.safetensors'));
    spoil(blob('config.json'));
    expect(await fetched()).toEqual({ folder });
    expectWhole(folder);
  });

  test('half fetched, is gone on with where it ends', async () => {
    forWeights(
      { cutAfter: 1000 },
      { status: 500 },
      { status: 500 },
      { status: 500 },
      { status: 500 },
      { status: 500 },
    );
    await expect(fetched()).rejects.toThrow('500');
    expect(readFileSync(`${blob('model.safetensors')}.incomplete`)).toEqual(weights.subarray(0, 1000));
    expect(await findInHubCache(hub, NAME)).toHaveProperty('missing');
    expectWhole((await fetched()).folder);
    expect(cdn().at(-1)?.sent).toEqual({ start: 1000, end: weights.length });
  });

  test.each([
    ['wrong', Buffer.alloc(1000)],
    ['too long', Buffer.concat([weights, weights])],
    ['whole', weights],
    ['wrong to the end', Buffer.alloc(weights.length)],
  ])('half fetched, but %s, ends right', async (_, bytes) => {
    const { folder } = await fetched();
    rmSync(realpathSync(join(folder, 'model.safetensors')));
    writeFileSync(`${blob('model.safetensors')}.incomplete`, bytes);
    expectWhole((await fetched()).folder);
    expect(existsSync(`${blob('model.safetensors')}.incomplete`)).toBe(false);
  });
});

describe('a connection', () => {
  test.each([
    ['before the headers', -1],
    ['after the headers', 0],
    ['in the middle', 12_345],
    ['one byte before the end', weights.length - 1],
  ])('cut %s, is taken up where it broke', async (_, cutAfter) => {
    forWeights({ cutAfter });
    expectWhole((await fetched()).folder);
    expect(sentBytes(cdn())).toBeLessThanOrEqual(weights.length + BLOCK);
  });

  test('cut anyhow, ends in a verified file, and at each cut no more than a block is sent again', async () => {
    const cut = fc.integer({ min: -1, max: weights.length / 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 12 }), async (cuts) => {
        rmSync(hub.cache, { recursive: true });
        fake.requests.length = 0;
        forWeights(...cuts.map((cutAfter) => ({ cutAfter })));
        // Patience ends after five that bring nothing; that is another test's.
        expectWhole((await fetchModel(hub, NAME, { patience: { ...patience, attempts: 13 } })).folder);
        expect(sentBytes(cdn())).toBeLessThanOrEqual(weights.length + cdn().length * BLOCK);
      }),
      { numRuns: 25 },
    );
  });

  test('that brings nothing five times, is given up, and what is there stays', async () => {
    forWeights({ cutAfter: 2000 }, ...Array.from({ length: 5 }, () => ({ cutAfter: -1 })));
    await expect(fetched()).rejects.toMatchObject({ name: 'Interruption', retryable: true });
    expect(cdn()).toHaveLength(6);
    expect(readFileSync(`${blob('model.safetensors')}.incomplete`)).toEqual(weights.subarray(0, 2000));
  });

  test('that falls silent, is broken and taken up', async () => {
    forWeights({ silentAfter: 3000 }, { silentAfter: 0 });
    expectWhole((await fetched()).folder);
    expect(sentBytes(cdn())).toBeLessThanOrEqual(weights.length + 2 * BLOCK);
  });

  test('that drips, is borne', async () => {
    forWeights({ drip: 50_000 });
    expectWhole((await fetched()).folder);
    expect(cdn()).toHaveLength(1);
  });

  test('whose server ignores ranges, loses nothing', async () => {
    forWeights({ cutAfter: 30_000 }, { ignoreRange: true });
    expectWhole((await fetched()).folder);
  });

  test('to look the model up, is tried again as well', async () => {
    const cuts = [-1, 0, 10];
    fake.fault = ({ path }) => {
      const cutAfter = path.includes('/api/') ? cuts.shift() : undefined;
      return cutAfter === undefined ? undefined : { cutAfter };
    };
    expectWhole((await fetched()).folder);
    expect(cuts).toEqual([]);
  });

  test('to a hub that is not there', async () => {
    await fake.stop();
    await expect(fetched()).rejects.toThrow(
      /hub \(127.0.0.1:\d+\) does not hold \(ECONNREFUSED\).*HF_ENDPOINT/,
    );
  });

  test('into a cache that is a file', async () => {
    writeFileSync(join(hub.cache, 'file'), '');
    hub = { ...hub, cache: join(hub.cache, 'file') };
    await expect(fetched()).rejects.toThrow(/cache cannot be written \(ENOTDIR\).*HF_HUB_CACHE/);
    hub = { ...hub, cache: join(hub.cache, '..') };
  });

  test('ended by the caller while it waits, ends for the caller’s reason', async () => {
    await fake.stop();
    const signal = AbortSignal.timeout(200);
    await expect(
      fetchModel(hub, NAME, { signal, patience: { ...patience, wait: 60_000 } }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('ended by the caller, ends at once, and what is there stays', async () => {
    forWeights({ silentAfter: 3000 });
    const ended = new AbortController();
    const onProgress = () => {
      if (existsSync(`${blob('model.safetensors')}.incomplete`)) ended.abort(new Error('enough'));
    };
    await expect(fetchModel(hub, NAME, { signal: ended.signal, onProgress })).rejects.toThrow('enough');
    expectWhole((await fetched()).folder);
  });
});

describe('a hub that answers', () => {
  test('a name that it does not know', async () => {
    await expect(fetched('owner/other')).rejects.toThrow(
      /owner\/other@main \(401\).*Check the name.*HF_TOKEN/,
    );
    await start({ main: model() }, 'hf_right');
    hub = { ...hub, token: 'hf_right' };
    await expect(fetched('owner/other')).rejects.toMatchObject({
      message: expect.stringContaining('no owner/other@main: there is no such model'),
      retryable: false,
    });
    await expect(fetched(`${NAME}@v2`)).rejects.toThrow('no owner/model@v2: there is no such revision');
  });

  test('those with a token alone; the token goes to no other host and into no message', async () => {
    await start({ main: model() }, 'hf_right');
    await expect(fetched()).rejects.toThrow(/\(401\): it may need a token.*HF_TOKEN/);
    hub = { ...hub, token: 'hf_wrong' };
    await expect(fetched()).rejects.toThrow(expect.not.stringContaining('hf_wrong'));
    hub = { ...hub, token: 'hf_right' };
    expectWhole((await fetched()).folder);
    expect(cdn()).toHaveLength(1);
    expect(cdn()[0]?.headers.authorization).toBeUndefined();
  });

  test.each([429, 503])('%i, is asked again when it says', async (status) => {
    const seconds = { status, headers: { 'retry-after': '1' } };
    const date = { status, headers: { 'retry-after': new Date(Date.now() + 1500).toUTCString() } };
    const faults: Fault[] = [seconds, date, { status }];
    fake.fault = () => faults.shift();
    const before = performance.now();
    expectWhole((await fetched()).folder);
    expect(performance.now() - before).toBeGreaterThan(1000);
    expect(faults).toEqual([]);
  });

  test('429 for an hour, is not waited for', async () => {
    fake.fault = () => ({ status: 429, headers: { 'retry-after': '3600' } });
    await expect(fetched()).rejects.toThrow('in 60 minutes');
    expect(fake.requests).toHaveLength(1);
  });

  test('503 for ever, is left', async () => {
    fake.fault = () => ({ status: 503 });
    await expect(fetched()).rejects.toMatchObject({ retryable: true });
    expect(fake.requests).toHaveLength(5);
  });

  test.each([
    ['a page', () => '<html>'],
    ['null', () => 'null'],
    ['another object', () => '{"sha": "../../x", "lastModified": 0}'],
    ['no list of files', () => `{"sha": "${fake.commit(NAME)}", "lastModified": 0}`],
  ])('with %s is not the hub', async (_, text) => {
    fake.fault = () => ({ body: Buffer.from(text()) });
    await expect(fetched()).rejects.toMatchObject({
      name: 'HubError',
      message: expect.stringContaining('What answered is not the hub'),
    });
  });

  test('404 for a file that it lists', async () => {
    forWeights({ status: 404 });
    await expect(fetched()).rejects.toThrow('no model.safetensors');
  });

  test.each([
    ['fewer', weights.subarray(0, 5000)],
    ['more', Buffer.concat([weights, Buffer.from('x')])],
  ])('with %s bytes than announced', async (_, body) => {
    forWeights({ body });
    await expect(fetched()).rejects.toThrow(
      `another number of bytes for model.safetensors than it announced`,
    );
    expect(await findInHubCache(hub, NAME)).toHaveProperty('missing');
    expectWhole((await fetched()).folder);
  });

  test('with other bytes than announced', async () => {
    forWeights({ body: safetensorsFile(2_000_000) });
    await expect(fetched()).rejects.toThrow('other bytes for model.safetensors');
    expect(await findInHubCache(hub, NAME)).toHaveProperty('missing');
    expectWhole((await fetched()).folder);
  });
});
