import type { Queryable } from '../db/database.ts';
import type { Json, Segmentation, Video, VideoSource, Warning } from './types.ts';

/** A row of `VIDEO_ROWS`. */
export interface VideoRow {
  id: string;
  position: number;
  sha256: string;
  title: string;
  tags: string[];
  metadata: Json;
  duration: number;
  width: number;
  height: number;
  frame_rate: number | null;
  source_kind: VideoSource['kind'];
  source_path: string;
  source_size: number;
  source_mtime: number;
  warnings: Warning[];
  created_at: Date;
  searchable: boolean;
  segmentation: Segmentation;
  cuts: number[] | null;
  edition: number;
}

/** Selects videos as `v`; conditions follow. */
export const VIDEO_ROWS = `
  SELECT v.*, EXISTS (
    SELECT FROM searchable s JOIN model m ON m.fingerprint = s.model WHERE s.video_id = v.id AND m.active
  ) AS searchable
  FROM video v`;

export function toVideo(row: VideoRow): Video {
  const { id, sha256, title, tags, metadata, duration, width, height, warnings, searchable } = row;
  const { segmentation, cuts, edition } = row;
  return {
    ...{ id, sha256, title, tags, metadata, duration, width, height, warnings, searchable },
    ...{ segmentation, cuts, edition },
    frameRate: row.frame_rate,
    createdAt: row.created_at,
    source:
      row.source_kind === 'PATH'
        ? { kind: 'PATH', path: row.source_path, size: row.source_size, mtimeMs: row.source_mtime }
        : { kind: 'UPLOAD' },
  };
}

/** The first video a condition on `v` finds. */
export async function findVideo(db: Queryable, condition: string, value: unknown): Promise<Video | null> {
  const [row] = await db.query<VideoRow>(`${VIDEO_ROWS} WHERE ${condition}`, [value]);
  return row ? toVideo(row) : null;
}

/** The columns of a source, in the order path, size, mtime, after its kind. */
export function sourceColumns(source: VideoSource): unknown[] {
  return source.kind === 'PATH'
    ? ['PATH', source.path, source.size, source.mtimeMs]
    : ['UPLOAD', null, null, null];
}
