import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';
import { ffmpegPaths, filterOption } from './ffmpeg.ts';
import { limitChild, OUT_OF_MEMORY } from './limit-child.ts';
import { patience, tooLarge, tooSlow } from './run-tool.ts';
import type { Size } from './sheet.ts';
import { inputUrl, UNTRUSTED_INPUT } from './untrusted-input.ts';

/** One frame as it left the filters. */
export interface Frame {
  /** The file's own presentation time in seconds. */
  time: number;
  /** RGB, `size.width · size.height · 3` bytes; the caller's to keep. */
  pixels: Uint8Array;
}

export interface FrameSource {
  path: string;
  /** Index of the stream in the file. */
  stream: number;
  /** Ends in frames of `size`, whatever comes in. Of any length. */
  filters: string[];
  size: Size;
  /** Seconds of video that are decoded in all, and from one frame that the filters let through to the next at most. */
  length: number;
  gap: number;
  /** Told of each error ffmpeg reports. */
  onDamage?: () => void;
}

/** showinfo's lines: the time base its times are in, and one line a frame. No text of a file begins a line like that. */
const SHOWINFO =
  /^\[\w*showinfo\w* @ \w+\] \[info\] (?:config in time_base: (\d+)\/(\d+)|n: *\d+ pts: *(-?\d+))/;
const ERROR_LINE = /^(\[[^\]]+\] )*\[(error|fatal)\] /;

/**
 * Decodes a video and yields what its filters let through, with each frame's time, while ffmpeg waits for the consumer.
 * Leaving the loop, an abort or a stall kills ffmpeg; it is gone when this returns. A file that cannot be decoded
 * yields nothing. Throws `MEDIA_TIMEOUT`, `MEDIA_LIMIT` or the signal's reason.
 */
export async function* ffmpegFrames(source: FrameSource, signal?: AbortSignal): AsyncGenerator<Frame> {
  signal?.throwIfAborted();
  const run = startFfmpeg(source, await filterOption());
  const onAbort = () => run.kill(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const bytes = source.size.width * source.size.height * 3;
  try {
    for (;;) {
      const pixels = await run.next(
        () => run.stdout.read(bytes) as Buffer | null,
        () => run.stdout.readableEnded,
      );
      if (pixels?.length !== bytes) return;
      const time = await run.next(
        () => run.times.shift(),
        () => run.over(),
      );
      if (time === undefined) throw new Error('ffmpeg did not say the time of a frame.');
      yield { time, pixels };
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    run.kill();
    await run.gone;
  }
}

/** Starts one ffmpeg and keeps hold of its process: fluent-ffmpeg's own kill and end events cannot be relied on. */
function startFfmpeg({ path, stream, filters, length, gap, onDamage }: FrameSource, filterOption: string) {
  const changed = new EventEmitter();
  const change = () => changed.emit('change');
  // Not destroyed at its end: fluent-ffmpeg would take that for a consumer who left.
  const stdout = new PassThrough({ autoDestroy: false }).on('readable', change).on('end', change);
  const times: number[] = [];
  let tick = Number.NaN;
  let child: ChildProcess | undefined;
  let killed = false;
  let failure: unknown;
  let over = false;
  let starved = false;
  let waited = 0;

  const kill = (reason?: unknown) => {
    killed = true;
    failure ??= reason;
    child?.kill('SIGKILL');
    // Else it would not count as closed before all it has written is read, and nobody reads on.
    child?.stdout?.destroy();
  };

  const onLine = (line: string) => {
    const [, numerator, denominator, pts] = SHOWINFO.exec(line) ?? [];
    if (numerator) tick = Number(numerator) / Number(denominator);
    if (pts) times.push(Number(pts) * tick);
    if (pts) change();
    if (ERROR_LINE.test(line)) onDamage?.();
    starved ||= OUT_OF_MEMORY.test(line);
  };

  const gone = new Promise<void>((resolve) => {
    const end = (error?: unknown) => {
      failure ??= error;
      over = true;
      change();
      resolve();
    };
    const command = ffmpeg(inputUrl(path))
      .setFfmpegPath(ffmpegPaths().ffmpeg)
      .inputOptions('-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info', '-copyts')
      .inputOptions('-threads', '2', ...UNTRUSTED_INPUT)
      .outputOptions('-map', `0:${stream}`, '-an', '-sn', '-dn', '-fps_mode', 'passthrough')
      .outputOptions(filterOption, 'pipe:0')
      .outputOptions('-f', 'rawvideo', '-pix_fmt', 'rgb24')
      .on('stderr', onLine)
      .on('start', () => {
        child = (command as unknown as { ffmpegProc: ChildProcess }).ffmpegProc;
        limitChild(child, patience(length));
        child.once('close', (code, signal) => end(reasonOfEnd(code, signal)));
        // It may be gone, or not care, before it has read all.
        child.stdin?.on('error', () => {}).end([...filters, 'showinfo=checksum=0'].join(','));
        if (killed) kill();
      })
      .on('error', (error) => child ?? end(error));
    command.pipe(stdout);
  });

  /** A crash is the file's doing and ends it without a reason. */
  function reasonOfEnd(code: number | null, signal: NodeJS.Signals | null): Error | undefined {
    if (signal === 'SIGXCPU') return tooSlow(patience(length));
    // That is not ours: the system's, which has no memory left.
    if (signal === 'SIGKILL' && !killed) return new Error('ffmpeg was killed.');
    return starved && (code !== 0 || Number.isNaN(tick)) ? tooLarge() : undefined;
  }

  /** Waits until `take` has something; undefined once there is `noMore`. Throws what ended ffmpeg, if it was killed. */
  async function next<T>(take: () => T | null | undefined, noMore: () => boolean): Promise<T | undefined> {
    const began = performance.now();
    // Waiting for the consumer does not count.
    const [idle, left] = [patience(gap), patience(length) - waited];
    const limit = idle < left ? idle : patience(length);
    const timer = setTimeout(() => kill(tooSlow(limit)), Math.min(idle, left) * 1000);
    try {
      for (;;) {
        if (failure) throw failure;
        const taken = take();
        if (taken !== null && taken !== undefined) return taken;
        if (noMore()) return undefined;
        await once(changed, 'change');
      }
    } finally {
      clearTimeout(timer);
      waited += (performance.now() - began) / 1000;
    }
  }
  return { stdout, times, over: () => over, kill, gone, next };
}
