import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadCheckpoint } from '#src/xclip/checkpoint.js';
import { CheckpointError } from '#src/xclip/checkpoint-error.js';
import { openXClip } from '#src/xclip/open-xclip.js';
import { copyOf, DEFAULTS, editHeader, editJson } from './fixtures.js';

const load = (folder: string) => loadCheckpoint(folder, 'test', false);
const OTHER = 'text_model.final_layer_norm.weight';

const spoiled: [string, RegExp, (folder: string) => void][] = [
  [
    'without weights',
    /model\.safetensors: the weights cannot be read/,
    (folder) => rmSync(join(folder, 'model.safetensors')),
  ],
  [
    'with weights cut off',
    /model\.safetensors: the file is cut off: tensor/,
    (folder) => truncateSync(join(folder, 'model.safetensors'), 60_000),
  ],
  [
    'with a tensor missing',
    /model\.safetensors: tensor prompts_generator\.alpha \[12\] is missing/,
    (folder) =>
      editHeader(folder, (header) => {
        header.unknown = header['prompts_generator.alpha'] as (typeof header)[string];
        delete header['prompts_generator.alpha'];
      }),
  ],
  [
    'with a tensor of another shape',
    /tensor text_model\.final_layer_norm\.weight has the shape \[4,4\], expected \[16\]/,
    (folder) =>
      editHeader(folder, (header) => void Object.assign(header[OTHER] as object, { shape: [4, 4] })),
  ],
  [
    'with a tensor of a type that is not used',
    /tensor text_model\.final_layer_norm\.weight is of type I32; F32, F16 or BF16 are used/,
    (folder) => editHeader(folder, (header) => void Object.assign(header[OTHER] as object, { dtype: 'I32' })),
  ],
  [
    'with a tensor of an unknown type',
    /tensor text_model\.final_layer_norm\.weight is of type F6_E2M3/,
    (folder) =>
      editHeader(folder, (header) => void Object.assign(header[OTHER] as object, { dtype: 'F6_E2M3' })),
  ],
  [
    'whose config is of another size',
    /has the shape \[.*\], expected \[/,
    (folder) =>
      editJson(folder, 'config.json', (c) =>
        Object.assign(c.vision_config as object, { num_hidden_layers: 2, num_frames: 6 }),
      ),
  ],
  [
    'with a card that is wrong',
    /clipql\.json: relevance/,
    (folder) => writeFileSync(join(folder, 'clipql.json'), '{"background": ["a"]}'),
  ],
];

test.each(spoiled)('a checkpoint %s is refused, naming the file', async (_, message, spoil) => {
  const folder = copyOf('many-layers');
  spoil(folder);
  await expect(load(folder)).rejects.toThrow(message);
  await expect(load(folder)).rejects.toThrow(CheckpointError);
});

test('a checkpoint without a card has general background texts and is not calibrated', async () => {
  const { card } = await load(copyOf('half'));
  expect(card.relevance).toEqual({ a: 1, b: 0, minRelevance: 0, calibrated: false });
  expect(new Set(card.background).size).toBe(64);
});

test('a card is read, and its texts decide the background hash', async () => {
  const folder = copyOf('half');
  const relevance = { a: 0.3, b: 2, minRelevance: 0.25 };
  const withCard = (background: string[]) => {
    writeFileSync(
      join(folder, 'clipql.json'),
      JSON.stringify({ name: 'x', version: 1, background, relevance }),
    );
    return load(folder);
  };
  const first = await withCard(['a video', 'something']);
  expect(first.card).toEqual({
    background: ['a video', 'something'],
    relevance: { ...relevance, calibrated: true },
  });
  expect((await withCard(['a video', 'something'])).backgroundHash).toBe(first.backgroundHash);
  expect((await withCard(['a video something'])).backgroundHash).not.toBe(first.backgroundHash);
  expect((await withCard(['a video something'])).fingerprint).toBe(first.fingerprint);
});

test('a folder of symlinks, as the hub’s cache has it, is the same model', async () => {
  const folder = copyOf('half');
  const plain = await load(folder);
  mkdirSync(join(folder, 'blobs'));
  mkdirSync(join(folder, 'snapshots/abc'), { recursive: true });
  for (const [i, file] of readdirSync(folder)
    .filter((name) => name.includes('.'))
    .entries()) {
    renameSync(join(folder, file), join(folder, `blobs/${i}`));
    symlinkSync(`../../blobs/${i}`, join(folder, 'snapshots/abc', file));
  }
  const linked = await load(join(folder, 'snapshots/abc'));
  expect(linked.fingerprint).toBe(plain.fingerprint);
  expect(linked.weightsPath).toMatch(/blobs\/\d$/);
  const model = await openXClip(linked, DEFAULTS);
  onTestFinished(() => model.close());
  expect((await model.encodeTexts(['a video']))[0]).toHaveLength(18);
  const { frames, framing } = model;
  expect((await model.encodeClip(new Uint8Array(frames * framing.crop ** 2 * 3))).embedding).toHaveLength(18);
});

test('a blob of the hub’s cache whose bytes are not what its name says is refused', async () => {
  const folder = copyOf('half');
  const weights = join(folder, 'model.safetensors');
  const bytes = readFileSync(weights);
  const blob = join(folder, createHash('sha256').update(bytes).digest('hex'));
  renameSync(weights, blob);
  symlinkSync(blob, weights);
  await load(folder);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
  writeFileSync(blob, bytes);
  await expect(load(folder)).rejects.toThrow('the file is damaged: its SHA-256 is not its name');
});

test('the fingerprint is of the model, not of how its config is written', async () => {
  const folder = copyOf('many-layers');
  const { fingerprint } = await load(folder);
  editJson(folder, 'config.json', (config) => {
    delete config.prompt_hidden_act; // its default
    config.architectures = ['something else'];
  });
  expect((await load(folder)).fingerprint).toBe(fingerprint);
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
});

const changes: [string, (folder: string) => void][] = [
  ['one weight', (folder) => flipLastByte(join(folder, 'model.safetensors'))],
  ['the tokenizer', (folder) => writeFileSync(join(folder, 'tokenizer.json'), ' ', { flag: 'a' })],
  [
    'an epsilon',
    (folder) =>
      editJson(folder, 'config.json', (c) =>
        Object.assign(c.text_config as object, { layer_norm_eps: 1e-6 }),
      ),
  ],
  [
    'the mean colour',
    (folder) =>
      editJson(folder, 'preprocessor_config.json', (c) => Object.assign(c, { image_mean: [0, 0, 0] })),
  ],
];

function flipLastByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  writeFileSync(path, bytes);
}

test.each(changes)('%s changed is another model', async (_, change) => {
  const folder = copyOf('many-layers');
  const { fingerprint } = await load(folder);
  change(folder);
  expect((await load(folder)).fingerprint).not.toBe(fingerprint);
});
