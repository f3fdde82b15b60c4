import sharp from 'sharp';

/** Pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The size of a contact sheet's tiles: 160 px wide, lower in height than 285 px, of the video's proportions. */
export function tileSize(video: Size): Size {
  const scale = Math.min(160 / video.width, 284 / video.height);
  return {
    width: Math.max(1, Math.round(video.width * scale)),
    height: Math.max(1, Math.round(video.height * scale)),
  };
}

/**
 * Which frames a video's contact sheet shows: all T of its only clip, or of several clips 32 (or all, if fewer)
 * spread evenly over the video. `index` is the clip's, `i` the frame's in it.
 */
export function sheetFrames(clips: number, T: number): { index: number; i: number }[] {
  const all = clips * T;
  const shown = clips === 1 ? T : Math.min(32, all);
  return Array.from({ length: shown }, (_, k) => {
    const frame = Math.floor(((k + 0.5) * all) / shown);
    return { index: Math.floor(frame / T), i: frame % T };
  });
}

const COLUMNS = 8;

/** A contact sheet: tiles (RGB, all of one size, at least one) in rows of 8, as WebP. */
export async function sheet(tiles: Uint8Array[], tile: Size): Promise<Buffer> {
  const columns = Math.min(COLUMNS, tiles.length);
  const width = columns * tile.width;
  const height = Math.ceil(tiles.length / columns) * tile.height;
  const background = Buffer.alloc(width * height * 3);
  for (const [k, pixels] of tiles.entries()) {
    const [left, top] = [(k % columns) * tile.width, Math.floor(k / columns) * tile.height];
    for (let row = 0; row < tile.height; row++) {
      const line = pixels.subarray(row * tile.width * 3, (row + 1) * tile.width * 3);
      background.set(line, ((top + row) * width + left) * 3);
    }
  }
  return sharp(background, { raw: { width, height, channels: 3 } })
    .webp({ quality: 75 })
    .toBuffer();
}
