import { ClipqlError } from '../errors.ts';
import { ffmpegPaths } from './ffmpeg.ts';
import { looksLike } from './looks-like.ts';
import { runTool } from './run-tool.ts';
import { inputUrl, UNTRUSTED_INPUT } from './untrusted-input.ts';

/** A stream as ffprobe's JSON has it; what it does not know is left out. */
export interface StreamInfo {
  index: number;
  codec_type?: string;
  codec_name?: string;
  width?: number;
  height?: number;
  time_base: string;
  avg_frame_rate: string;
  r_frame_rate: string;
  nb_frames?: string;
  color_transfer?: string;
  disposition?: Record<string, number>;
  side_data_list?: { rotation?: number }[];
}

const ENTRIES = [
  'stream=index,codec_type,codec_name,width,height,time_base,avg_frame_rate,r_frame_rate,nb_frames,color_transfer',
  'stream_disposition=attached_pic,timed_thumbnails,still_image',
  'stream_side_data=rotation',
  'format_tags=major_brand',
].join(':');

/** Brands of ISO files that are still images (HEIF, AVIF), which the mov reader opens as one-frame videos. */
const IMAGE_BRANDS = new Set(['avif', 'heic', 'heix', 'mif1']);

/** The streams of a file. Throws `NOT_A_VIDEO` when it is in no known container, `MEDIA_TIMEOUT`, `MEDIA_LIMIT`. */
export async function listStreams(path: string, signal?: AbortSignal): Promise<StreamInfo[]> {
  const { code, output } = await runTool(
    ffmpegPaths().ffprobe,
    ['-v', 'error', ...UNTRUSTED_INPUT, '-show_entries', ENTRIES, '-of', 'json', '-i', inputUrl(path)],
    { seconds: 60, maxOutput: 1_000_000, signal },
  );
  const { streams, format } = code === 0 ? JSON.parse(output.toString()) : {};
  if (!streams?.length || IMAGE_BRANDS.has(format?.tags?.major_brand)) {
    const seen = streams?.length ? 'an image' : await looksLike(path);
    throw new ClipqlError(
      'NOT_A_VIDEO',
      `${seen ? `This is ${seen}, not a video` : 'This is not a readable video'}. Supported are MP4, MOV, MKV, WebM, AVI, MPEG-TS, MPEG, FLV, WMV, Ogg and GIF files.`,
    );
  }
  return streams;
}
