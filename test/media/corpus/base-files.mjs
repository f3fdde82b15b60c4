import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SOURCE = 'testsrc2=s=96x64:r=12:d=1.5';
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '6', '-pix_fmt', 'yuv420p'];
const HDR = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
const lossless = (format) => ['-c:v', 'ffv1', '-pix_fmt', format];

const QUIET = ['-v', 'error', '-nostdin', '-y'];
/** The same bytes each time. */
const EXACT = ['-threads', '1', '-bitexact'];

/** Files as cameras and programs write them: name, source, and how it is encoded. Each can be read. */
const GOOD = [
  ['faststart.mp4', SOURCE, [...X264, '-movflags', '+faststart']],
  ['index-last.mp4', SOURCE, X264],
  ['fragmented.mp4', SOURCE, [...X264, '-movflags', 'frag_keyframe+empty_moov']],
  ['b-frames.mov', SOURCE, ['-c:v', 'libx264', '-bf', '3', '-pix_fmt', 'yuv420p']],
  ['motion-jpeg.mov', SOURCE, ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj422p']],
  ['h264.mkv', SOURCE, X264],
  ['vp8.webm', SOURCE, ['-c:v', 'libvpx', '-b:v', '200k', '-deadline', 'realtime']],
  ['vp9.webm', SOURCE, ['-c:v', 'libvpx-vp9', '-b:v', '100k', '-deadline', 'realtime', '-cpu-used', '8']],
  ['mpeg4.avi', SOURCE, ['-c:v', 'mpeg4', '-bf', '2']],
  ['motion-jpeg.avi', SOURCE, ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p']],
  ['stream.ts', SOURCE, X264],
  ['late.ts', SOURCE, [...X264, '-output_ts_offset', '95001']],
  ['program.mpg', SOURCE, ['-c:v', 'mpeg2video', '-r', '25']],
  ['interlaced.mpg', SOURCE, ['-c:v', 'mpeg2video', '-r', '25', '-flags', '+ildct+ilme']],
  ['flash.flv', SOURCE, X264],
  ['windows.wmv', SOURCE, ['-c:v', 'wmv2']],
  ['theora.ogv', SOURCE, ['-c:v', 'libtheora']],
  ['animated.gif', SOURCE, []],
  [
    'hdr10.mp4',
    SOURCE,
    ['-c:v', 'libx265', '-x265-params', 'log-level=none', '-pix_fmt', 'yuv420p10le', ...HDR],
  ],
  ['hlg.mkv', SOURCE, [...lossless('yuv420p10le'), '-color_trc', 'arib-std-b67']],
  ...['gray', 'gray16le', 'yuv410p', 'yuv444p16le', 'yuva420p', 'gbrp', 'gbrp12le', 'bgra', 'rgb48le'].map(
    (format) => [`${format}.mkv`, SOURCE, lossless(format)],
  ),
  ['png.mov', SOURCE, ['-c:v', 'png', '-pix_fmt', 'rgba64be']],
  ['palette.mov', SOURCE, ['-c:v', 'qtrle', '-pix_fmt', 'argb']],
  ['odd-size.mkv', 'testsrc2=s=97x63:r=12:d=1', lossless('yuv444p')],
  ['small.mkv', 'testsrc2=s=16x16:r=12:d=1', lossless('yuv420p')],
  ['wide.mkv', 'testsrc2=s=640x64:r=12:d=1', lossless('yuv420p')],
  ['tall.mkv', 'testsrc2=s=64x640:r=12:d=1', lossless('yuv420p')],
  ['one-frame.mp4', 'testsrc2=s=96x64:r=12:d=0.08', X264],
  ['one-frame.gif', 'testsrc2=s=96x64:r=12:d=0.08', []],
  ['thousand-a-second.mkv', 'testsrc2=s=32x32:r=1000:d=0.5', lossless('yuv420p')],
  ['one-in-five-minutes.mkv', 'testsrc2=s=32x32:r=1/300:d=1200', lossless('yuv420p')],
  [
    'varying.mkv',
    `${SOURCE},settb=1/1000,setpts='70*N+500*gt(N\\,8)'`,
    [...lossless('yuv420p'), '-fps_mode', 'passthrough'],
  ],
  ['same-times.mkv', `${SOURCE},setpts=0`, [...lossless('yuv420p'), '-fps_mode', 'passthrough']],
  ['before-zero.mkv', SOURCE, [...X264, '-output_ts_offset', '-5', '-avoid_negative_ts', 'disabled']],
].map(([name, source, output]) => [name, ['-f', 'lavfi', '-i', source, ...output]]);

/** Files that are made of others or hold no video, with what becomes of them. */
const OTHERS = (at) => [
  ['turned.mp4', ['-i', at('faststart.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=90'], 'VIDEO'],
  ['upside-down.mov', ['-i', at('faststart.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=180'], 'VIDEO'],
  ['askew.mp4', ['-i', at('faststart.mp4'), '-c', 'copy', '-metadata:s:v', 'rotate=33'], 'VIDEO'],
  ['no-duration.mkv', ['-i', at('h264.mkv'), '-c', 'copy', '-live', '1'], 'VIDEO'],
  ['cut-before-key.mp4', ['-ss', '0.7', '-i', at('index-last.mp4'), '-c', 'copy'], 'VIDEO'],
  [
    'two-videos.mkv',
    ['-i', at('h264.mkv'), '-i', at('odd-size.mkv'), '-map', '0', '-map', '1', '-c', 'copy'],
    'VIDEO',
  ],
  [
    'tagged.mp4',
    ['-i', at('faststart.mp4'), '-c', 'copy', '-metadata', 'title=}\n[STREAM]\nwidth=9999\nduration=1e9'],
    'VIDEO',
  ],
  ['sound.mp4', ['-f', 'lavfi', '-i', 'sine=d=1'], 'NO_VIDEO_TRACK'],
  ['sound.mkv', ['-f', 'lavfi', '-i', 'sine=d=1'], 'NO_VIDEO_TRACK'],
  [
    'cover.mp4',
    [
      '-f',
      'lavfi',
      '-i',
      'sine=d=1',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=96x96:d=0.04',
      '-c:v',
      'mjpeg',
      '-disposition:v',
      'attached_pic',
    ],
    'NO_VIDEO_TRACK',
  ],
  ['picture.png', ['-f', 'lavfi', '-i', 'testsrc2=s=96x96', '-frames:v', '1'], 'NOT_A_VIDEO'],
  ['picture.jpg', ['-f', 'lavfi', '-i', 'testsrc2=s=96x96', '-frames:v', '1'], 'NOT_A_VIDEO'],
  ['picture.webp', ['-f', 'lavfi', '-i', 'testsrc2=s=96x96', '-frames:v', '1'], 'NOT_A_VIDEO'],
  ['picture.bmp', ['-f', 'lavfi', '-i', 'testsrc2=s=96x96', '-frames:v', '1'], 'NOT_A_VIDEO'],
  ['picture.tiff', ['-f', 'lavfi', '-i', 'testsrc2=s=96x96', '-frames:v', '1'], 'NOT_A_VIDEO'],
  [
    'too-many-pixels.mkv',
    ['-f', 'lavfi', '-i', 'color=s=8000x6000', '-frames:v', '1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p'],
    'NOT_A_VIDEO',
  ],
  [
    'too-wide.mkv',
    ['-f', 'lavfi', '-i', 'color=s=1024x64', '-frames:v', '1', ...lossless('yuv420p')],
    'MEDIA_LIMIT',
  ],
  [
    'too-small.mkv',
    ['-f', 'lavfi', '-i', 'color=s=32x8', '-frames:v', '1', ...lossless('yuv420p')],
    'MEDIA_LIMIT',
  ],
  [
    'centuries.mkv',
    [
      '-f',
      'lavfi',
      '-i',
      "testsrc2=s=32x32:r=12:d=1,setpts='N*90000/TB'",
      ...lossless('yuv420p'),
      '-fps_mode',
      'passthrough',
    ],
    'MEDIA_LIMIT',
  ],
];

/** Makes them all in a folder; name, path and outcome of each. */
export async function baseFiles(folder) {
  const at = (name) => join(folder, name);
  const made = [];
  for (const group of [GOOD.map((file) => [...file, 'VIDEO']), OTHERS(at)]) {
    const waiting = [...group];
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [name, args, outcome] = next;
        await run('ffmpeg', [...QUIET, ...args, ...EXACT, at(name)]);
        made.push({ name, path: at(name), outcome });
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  }
  return made.sort((a, b) => (a.name < b.name ? -1 : 1));
}
