import { z } from 'zod';
import { CheckpointError } from './checkpoint-error.ts';
import { readJson } from './read-json.ts';
import type { Framing } from './xclip.ts';

/** From decoded video frame to model input: framing, then `(value · scale − mean) / std` for each colour channel. */
export interface Preprocessing {
  framing: Framing;
  scale: number;
  mean: number[];
  std: number[];
}

const px = z.int().positive();
const perChannel = z.array(z.number()).length(3);
const BILINEAR = 2;

// Defaults of the reference's VideoMAEImageProcessor.
const preprocessorConfig = z.object({
  do_resize: z.literal(true, { error: 'frames must be resized' }).default(true),
  size: z
    .union([px, z.object({ shortest_edge: px }).transform((s) => s.shortest_edge)], {
      error: 'must be {"shortest_edge": pixels}',
    })
    .default(224),
  resample: z.literal(BILINEAR, { error: 'must be 2 (bilinear)' }).default(BILINEAR),
  do_center_crop: z.literal(true, { error: 'frames must be cropped' }).default(true),
  crop_size: z.union([px, z.object({ height: px, width: px })]).optional(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: perChannel.default([0.5, 0.5, 0.5]),
  image_std: perChannel.refine((std) => std.every((s) => s > 0)).default([0.5, 0.5, 0.5]),
});

/**
 * Reads a checkpoint's `preprocessor_config.json`.
 * @param imageSize the model's S in px, which the crop must have
 * @throws CheckpointError when the file is missing or asks for something else than resize, centre crop and normalise.
 */
export async function readPreprocessing(path: string, imageSize: number): Promise<Preprocessing> {
  const config = await readJson(path, preprocessorConfig);
  // The default is the reference's 224 px; with another image size it would fail, and old files leave the key out.
  const crop = config.crop_size ?? imageSize;
  const { height, width } = typeof crop === 'number' ? { height: crop, width: crop } : crop;
  if (height !== imageSize || width !== imageSize) {
    throw new CheckpointError(
      path,
      `crop_size is ${width} × ${height} px, the model takes ${imageSize} × ${imageSize}.`,
    );
  }
  if (config.size < imageSize) {
    throw new CheckpointError(path, `size ${config.size} px is smaller than crop_size ${imageSize} px.`);
  }
  return {
    framing: { resize: config.size, crop: imageSize },
    scale: config.do_rescale ? config.rescale_factor : 1,
    mean: config.do_normalize ? config.image_mean : [0, 0, 0],
    std: config.do_normalize ? config.image_std : [1, 1, 1],
  };
}
