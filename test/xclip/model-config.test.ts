import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readModelConfig } from '#src/xclip/model-config.js';
import { copyOf, editJson, fixture, keepOnly } from './fixtures.js';

type Json = Record<string, unknown>;

function edited(edit: (config: Json) => void) {
  const folder = copyOf('many-layers');
  editJson(folder, 'config.json', edit);
  return readModelConfig(join(folder, 'config.json'));
}

// Defaults of transformers 5.23, models/x_clip/configuration_x_clip.py.
test('what a config leaves out has the reference’s default', async () => {
  const folder = copyOf('many-layers');
  keepOnly(folder, 'config.json', 'model_type');
  expect(await readModelConfig(join(folder, 'config.json'))).toEqual({
    model_type: 'xclip',
    projection_dim: 512,
    prompt_layers: 2,
    prompt_hidden_act: 'quick_gelu',
    prompt_num_attention_heads: 8,
    text_config: {
      vocab_size: 49408,
      hidden_size: 512,
      intermediate_size: 2048,
      num_hidden_layers: 12,
      num_attention_heads: 8,
      max_position_embeddings: 77,
      hidden_act: 'quick_gelu',
      layer_norm_eps: 1e-5,
    },
    vision_config: {
      hidden_size: 768,
      intermediate_size: 3072,
      num_hidden_layers: 12,
      num_attention_heads: 12,
      mit_hidden_size: 512,
      mit_intermediate_size: 2048,
      mit_num_hidden_layers: 1,
      mit_num_attention_heads: 8,
      num_channels: 3,
      image_size: 224,
      patch_size: 32,
      num_frames: 8,
      hidden_act: 'quick_gelu',
      layer_norm_eps: 1e-5,
    },
  });
});

test('text_config_dict and vision_config_dict of old files stand for the whole sub-config', async () => {
  const config = await edited((config) => {
    config.text_config_dict = { hidden_size: 64 };
    config.vision_config_dict = null;
  });
  expect(config.text_config).toMatchObject({ hidden_size: 64, num_hidden_layers: 12 });
  expect(config.vision_config.hidden_size).toBe(20);
});

const wrong: [string, RegExp, (config: Json) => void][] = [
  [
    'of another model',
    /model_type: must be "xclip"/,
    (config) => Object.assign(config, { model_type: 'clip' }),
  ],
  ['without a model type', /model_type: must be "xclip"/, (config) => delete config.model_type],
  [
    'with an unknown activation',
    /vision_config\.hidden_act: .*quick_gelu/,
    (c) => Object.assign(c.vision_config as Json, { hidden_act: 'xielu' }),
  ],
  [
    'with heads that do not divide',
    /text_config: the hidden size must be a multiple/,
    (c) => Object.assign(c.text_config as Json, { num_attention_heads: 3 }),
  ],
  [
    'with two MIT sizes',
    /mit_hidden_size must equal projection_dim/,
    (c) => Object.assign(c, { projection_dim: 15 }),
  ],
  [
    'with a negative size',
    /vision_config\.patch_size: /,
    (c) => Object.assign(c.vision_config as Json, { patch_size: -7 }),
  ],
  [
    'with a patch larger than the image',
    /a patch must not be larger/,
    (c) => Object.assign(c.vision_config as Json, { patch_size: 24 }),
  ],
];

test.each(wrong)('a config %s is refused by name', async (_, message, edit) => {
  await expect(edited(edit)).rejects.toThrow(message);
  await expect(edited(edit)).rejects.toThrow('config.json: ');
});

test('a file that is no JSON is refused by name', async () => {
  await expect(readModelConfig(fixture('make_fixtures.py'))).rejects.toThrow(
    /make_fixtures\.py: the file is not JSON/,
  );
  await expect(readModelConfig(fixture('none.json'))).rejects.toThrow(/none\.json: the file cannot be read/);
});
