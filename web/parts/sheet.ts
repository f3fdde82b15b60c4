/** Pixels: what the server makes the tiles of a contact sheet at most. */
const TILE = { width: 160, height: 284 };
/** Tiles in a row. */
const COLUMNS = 8;

interface Size {
  width: number;
  height: number;
}

/** How many tiles a contact sheet has across and down. */
export interface Tiles {
  columns: number;
  rows: number;
}

/** The size of a tile, for a video's size in pixels. */
function tileSize({ width, height }: Size): Size {
  const scale = Math.min(TILE.width / width, TILE.height / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** The tiles of a contact sheet with so many frames, and its size in pixels. */
export function sheetOf(video: Size, frames: number): Tiles & Size {
  const [columns, rows] = [Math.min(COLUMNS, frames), Math.ceil(frames / COLUMNS)];
  const tile = tileSize(video);
  return { columns, rows, width: columns * tile.width, height: rows * tile.height };
}

/** The tiles of a contact sheet, by its size. */
export function tilesIn(sheet: Size, video: Size): Tiles {
  const tile = tileSize(video);
  return {
    columns: Math.max(1, Math.round(sheet.width / tile.width)),
    rows: Math.max(1, Math.round(sheet.height / tile.height)),
  };
}

/** The address of the contact sheet of one clip. */
export function clipSheetUrl(sheetUrl: string, clip: number): string {
  const url = new URL(sheetUrl, location.origin);
  url.searchParams.set('clip', `${clip}`);
  return `${url}`;
}
