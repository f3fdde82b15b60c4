import { modelFrame, picture } from './filters.ts';
import type { Probe } from './probe.ts';
import { type Size, tileSize } from './sheet.ts';

/** A frame for the model with the picture of it, for one pass to make both: ffmpeg stacks them, we cut them apart. */
export interface PackedFrames {
  /** Model frame above, picture below, each at the left edge. */
  filter: string;
  size: Size;
  unpack(pixels: Uint8Array): { frame: Uint8Array; tile: Uint8Array };
}

export async function packedFrames(
  probe: Probe,
  { resize, crop }: { resize: number; crop: number },
): Promise<PackedFrames> {
  const tile = tileSize(probe);
  const size = { width: Math.max(crop, tile.width), height: crop + tile.height };
  const model = `${modelFrame(probe, { resize, crop })},pad=${size.width}:${crop}`;
  const below = `${await picture(probe, tile)},pad=${size.width}:${tile.height}`;
  return {
    filter: `split[a][b];[a]${model}[model];[b]${below}[picture];[model][picture]vstack`,
    size,
    unpack: (pixels) => ({
      frame: cut(pixels, size.width, 0, { width: crop, height: crop }),
      tile: cut(pixels, size.width, crop, tile),
    }),
  };
}

/** The RGB picture of `size` at the left edge of one `stride` pixels wide, from row `top` on. */
function cut(pixels: Uint8Array, stride: number, top: number, { width, height }: Size): Uint8Array {
  const picture = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = (top + row) * stride * 3;
    picture.set(pixels.subarray(from, from + width * 3), row * width * 3);
  }
  return picture;
}
