import { z } from 'zod';
import { readJson } from './read-json.ts';

/** Activations by the reference's names that the graphs can compute. */
export const ACTIVATIONS = [
  'quick_gelu',
  'gelu',
  'gelu_new',
  'gelu_pytorch_tanh',
  'relu',
  'silu',
  'swish',
] as const;

const size = z.int().positive();
const activation = z.enum(ACTIVATIONS).default('quick_gelu');
const epsilon = z.number().positive().default(1e-5);
const divisible = { error: 'the hidden size must be a multiple of the number of attention heads' };

const textConfig = z
  .object({
    vocab_size: size.default(49408),
    hidden_size: size.default(512),
    intermediate_size: size.default(2048),
    num_hidden_layers: size.default(12),
    num_attention_heads: size.default(8),
    max_position_embeddings: size.min(2).default(77),
    hidden_act: activation,
    layer_norm_eps: epsilon,
  })
  .refine((c) => c.hidden_size % c.num_attention_heads === 0, divisible);

const visionConfig = z
  .object({
    hidden_size: size.default(768),
    intermediate_size: size.default(3072),
    num_hidden_layers: size.default(12),
    num_attention_heads: size.default(12),
    mit_hidden_size: size.default(512),
    mit_intermediate_size: size.default(2048),
    mit_num_hidden_layers: size.default(1),
    mit_num_attention_heads: size.default(8),
    num_channels: z.literal(3).default(3),
    image_size: size.default(224),
    patch_size: size.default(32),
    num_frames: size.default(8),
    hidden_act: activation,
    layer_norm_eps: epsilon,
  })
  .refine((c) => c.hidden_size % c.num_attention_heads === 0, divisible)
  .refine((c) => c.mit_hidden_size % c.mit_num_attention_heads === 0, divisible)
  .refine((c) => c.patch_size <= c.image_size, { error: 'a patch must not be larger than the image' });

// A `*_config_dict` of old files stands for the whole sub-config, as in the reference.
const modelConfig = z
  .object({
    model_type: z.literal('xclip', { error: 'must be "xclip": this checkpoint is not an X-CLIP model' }),
    text_config: z.unknown().optional(),
    text_config_dict: z.unknown().optional(),
    vision_config: z.unknown().optional(),
    vision_config_dict: z.unknown().optional(),
    projection_dim: size.default(512),
    prompt_layers: size.default(2),
    prompt_hidden_act: activation,
    prompt_num_attention_heads: size.default(8),
  })
  .transform(({ text_config, text_config_dict, vision_config, vision_config_dict, ...config }) => ({
    ...config,
    text_config: text_config_dict ?? text_config ?? {},
    vision_config: vision_config_dict ?? vision_config ?? {},
  }))
  .pipe(
    z.object({
      model_type: z.literal('xclip'),
      projection_dim: size,
      prompt_layers: size,
      prompt_hidden_act: z.enum(ACTIVATIONS),
      prompt_num_attention_heads: size,
      text_config: textConfig,
      vision_config: visionConfig,
    }),
  )
  .refine((c) => c.projection_dim % c.prompt_num_attention_heads === 0, divisible)
  .refine((c) => c.vision_config.mit_hidden_size === c.projection_dim, {
    error: 'vision_config.mit_hidden_size must equal projection_dim',
  });

/** What `config.json` says of the model's shape, in the reference's words, with its defaults where the file is silent. */
export type ModelConfig = z.infer<typeof modelConfig>;
export type Activation = (typeof ACTIVATIONS)[number];

/**
 * Reads a checkpoint's `config.json`.
 * @throws CheckpointError when it is missing, not X-CLIP, or describes a model that cannot be.
 */
export function readModelConfig(path: string): Promise<ModelConfig> {
  return readJson(path, modelConfig);
}

/** P: patches of a frame; a rest of the image that fills no patch is left out, as in the reference. */
export function patchCount({ vision_config: { image_size, patch_size } }: ModelConfig): number {
  return Math.floor(image_size / patch_size) ** 2;
}
