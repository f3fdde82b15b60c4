import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { probe } from '#src/media/probe.js';
import { readClips } from '#src/media/read-clips.js';
import { clipWindows } from '#src/media/windows.js';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { compareEngines } from '#src/xclip/compare-engines.js';
import { int8Checkpoint } from '#src/xclip/int8/int8-checkpoint.js';
import { readFloats } from '#src/xclip/int8/read-floats.js';
import { readRecord } from '#src/xclip/int8/record.js';
import { writeSafetensors } from '#src/xclip/int8/write-safetensors.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import { readStoredTensors } from '#src/xclip/safetensors.js';
import { all } from '../../media/all.js';
import { DEFAULTS } from '../fixtures.js';

const BUNDLED = fileURLToPath(new URL('../../../models/clipql-shapes', import.meta.url));
const SAMPLES = fileURLToPath(new URL('../../../samples', import.meta.url));
const ELSEWHERE = '/nowhere'; // Not needed: a copy's folder can be written.

function copyOfBundled(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clipql-int8-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = readdirSync(BUNDLED).filter((name) => !name.includes('int8'));
  for (const file of files) copyFileSync(join(BUNDLED, file), join(folder, file));
  return folder;
}

const load = (folder: string) => loadCheckpoint(folder, 'copy', false);

/** Every sample's first clip, and its file name as text. */
const clips: Uint8Array[] = [];
const texts: string[] = [];
beforeAll(async () => {
  const { config, framing } = await load(BUNDLED);
  for (const file of readdirSync(SAMPLES).filter((name) => name.endsWith('.mp4'))) {
    const path = join(SAMPLES, file);
    const probed = await probe(path);
    const shape = { frames: config.vision_config.num_frames, sampling: 'UNIFORM' as const, ...framing };
    const [first] = await all(readClips(path, probed, clipWindows(probed.duration).slice(0, 1), shape));
    if (first) clips.push(first.frames);
    texts.push(file.replace('.mp4', ''));
  }
}, 120_000);

async function agreement(folder: string) {
  const checkpoint = await load(folder);
  const exact = await openXClip(checkpoint, DEFAULTS);
  onTestFinished(() => exact.close());
  const int8 = await openXClip(checkpoint, { ...DEFAULTS, precision: 'int8' }, ELSEWHERE);
  onTestFinished(() => int8.close());
  return compareEngines(exact, int8, clips, texts);
}

test('the bundled model in int8 gives nearly the same embeddings and the same best texts', async () => {
  const { cosine, sameBest } = await agreement(copyOfBundled());
  expect(cosine.smallest).toBeGreaterThan(0.998);
  expect(cosine.smallest).toBeLessThan(1); // It is not fp32 that ran.
  expect(sameBest).toBeGreaterThanOrEqual(clips.length - 1);
}, 120_000);

test('a model with a few channels that are 25 times larger does, too', async () => {
  const folder = copyOfBundled();
  const weights = join(folder, 'model.safetensors');
  await enlargeChannels(weights, 5, 25);
  const { cosine, sameBest } = await agreement(folder);
  // Columns are balanced. Else as many layers as it takes for these cosines would have stayed in fp32.
  expect(await readRecord(`${weights}.int8.safetensors`)).toMatchObject({ fp32: [] });
  expect(cosine.smallest).toBeGreaterThan(0.998);
  expect(sameBest).toBeGreaterThanOrEqual(clips.length - 1);
}, 120_000);

/** Enlarges the first channels of the layer norms, and shrinks the columns of the linear layers that read them as much. */
async function enlargeChannels(path: string, channels: number, factor: number): Promise<void> {
  const tensors = await readStoredTensors(path);
  const file = await open(path);
  const enlarged = await Promise.all(
    [...tensors].map(async ([name, tensor]) => {
      const values = await readFloats(file, tensor);
      const columns = tensor.shape.at(-1) as number;
      const change = (by: number) => {
        for (let i = 0; i < values.length; i++) if (i % columns < channels) (values[i] as number) *= by;
      };
      if (/^vision.*layer_norm[12]/.test(name)) change(factor);
      if (/^vision.*\.(self_attn\.[qkv]_proj|mlp\.fc1)\.weight$/.test(name)) change(1 / factor);
      const bytes = async () => new Uint8Array(values.buffer);
      return { name, dtype: 'F32' as const, shape: tensor.shape, bytes };
    }),
  );
  await file.close();
  rmSync(path);
  await writeSafetensors(path, {}, enlarged);
}

test('is made once, beside the model, and again when it is not of this checkpoint', async () => {
  const folder = copyOfBundled();
  const checkpoint = await load(folder);
  const path = join(folder, 'model.safetensors.int8.safetensors');
  const abandoned = `${path}.1.tmp`;
  writeFileSync(abandoned, 'half of it');
  utimesSync(abandoned, 0, 0);

  const made = await int8Checkpoint(checkpoint, ELSEWHERE);
  expect(made.weightsPath).toBe(path);
  expect(made.fingerprint).toBe(checkpoint.fingerprint);
  expect(await readRecord(path)).toMatchObject({ fingerprint: checkpoint.fingerprint, bits: 8 });
  expect(statSync(path).size).toBeLessThan(statSync(join(folder, 'model.safetensors')).size);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);

  const { mtimeMs } = statSync(path);
  await int8Checkpoint(checkpoint, ELSEWHERE);
  expect(statSync(path).mtimeMs).toBe(mtimeMs);

  await int8Checkpoint({ ...checkpoint, fingerprint: 'another' }, ELSEWHERE);
  expect(await readRecord(path)).toMatchObject({ fingerprint: 'another' });
  writeFileSync(path, 'damaged');
  await int8Checkpoint(checkpoint, ELSEWHERE);
  expect(await readRecord(path)).toMatchObject({ fingerprint: checkpoint.fingerprint });
}, 120_000);

// Root may write anywhere.
test.skipIf(process.getuid?.() === 0)(
  'is made elsewhere when nothing can be written beside the model',
  async () => {
    const folder = copyOfBundled();
    const elsewhere = join(mkdtempSync(join(tmpdir(), 'clipql-int8-')), 'made');
    const checkpoint = await load(folder);
    chmodSync(folder, 0o555);
    const { weightsPath } = await int8Checkpoint(checkpoint, elsewhere).finally(() =>
      chmodSync(folder, 0o755),
    );
    expect(weightsPath).toBe(join(elsewhere, `${checkpoint.fingerprint}.int8.safetensors`));
    expect(await readRecord(weightsPath)).toMatchObject({ fingerprint: checkpoint.fingerprint });
    rmSync(join(elsewhere, '..'), { recursive: true });
  },
  120_000,
);
