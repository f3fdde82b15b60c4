import { z } from 'zod';
import { ClipqlError } from '../../errors.ts';
import { fileName } from '../file-name.ts';
import type { Downloaded } from './types.ts';

/** Characters of what a site says about a video. */
const MAX_TEXT = 1000;

const text = z
  .string()
  .transform((value) =>
    value
      .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
      .trim()
      .slice(0, MAX_TEXT),
  )
  .nullish()
  .transform((value) => value || null)
  .catch(null);

const VIDEO = z.object({
  ...{ id: text, title: text, uploader: text, extractor_key: text, webpage_url: text, live_status: text },
  ext: z
    .string()
    .regex(/^\w{1,20}$/)
    .catch('mp4'),
  playlist: text,
  playlist_count: z.number().nullish().catch(null),
});

/** The fields that are asked of yt-dlp. */
export const VIDEO_FIELDS = Object.keys(VIDEO.shape);

/**
 * What yt-dlp says of the video that it is about to fetch. Throws `BAD_USER_INPUT` for a live stream, which has no end,
 * and a list of videos; `SOURCE_UNREACHABLE` for what is no JSON.
 */
export function readAnswer(json: string): Downloaded {
  const video = VIDEO.parse(parsed(json));
  if (video.live_status === 'is_live' || video.live_status === 'is_upcoming') {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      'This is a live stream. Give the link of the recording once it has ended.',
    );
  }
  if (video.playlist !== null && video.playlist_count !== 1) {
    throw new ClipqlError(
      'BAD_USER_INPUT',
      'This link leads to a list of videos. Give the link of one video.',
    );
  }
  const { title, id, uploader, extractor_key: site, webpage_url: url } = video;
  const name = (title ?? id ?? 'video').replaceAll('/', '-').slice(0, 200);
  return { name: fileName(`${name}.${video.ext}`, 'video'), title, metadata: { site, id, uploader, url } };
}

function parsed(json: string): unknown {
  try {
    return z.record(z.string(), z.unknown()).parse(JSON.parse(json));
  } catch (cause) {
    throw new ClipqlError(
      'SOURCE_UNREACHABLE',
      'yt-dlp gave an answer that cannot be read. The server may need a newer yt-dlp.',
      { cause },
    );
  }
}
