/** Pixels: what the server makes the tiles of a contact sheet at most. */
const TILE = { width: 160, height: 284 };
/** Tiles in a row. */
const COLUMNS = 8;

interface Size {
  width: number;
  height: number;
}

/** How the tiles of a contact sheet lie, and the size of each in pixels. */
export interface Tiles extends Size {
  columns: number;
  rows: number;
}

function tileSize({ width, height }: Size): Size {
  const scale = Math.min(TILE.width / width, TILE.height / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** The tiles of a video's contact sheet with so many frames. */
export function tilesOf(video: Size, frames: number): Tiles {
  return { ...tileSize(video), columns: Math.min(COLUMNS, frames), rows: Math.ceil(frames / COLUMNS) };
}

/** Loads a contact sheet and tells from its size how its tiles lie. */
export async function loadSheet(url: string, video: Size): Promise<Tiles> {
  const image = new Image();
  image.src = url;
  await image.decode();
  const { width, height } = tileSize(video);
  const count = (pixels: number, side: number) => Math.max(1, Math.round(pixels / side));
  return {
    width,
    height,
    columns: count(image.naturalWidth, width),
    rows: count(image.naturalHeight, height),
  };
}
