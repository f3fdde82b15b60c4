import { type Probe, probe } from '../../media/probe.ts';
import { readClips } from '../../media/read-clips.ts';
import { clipWindows } from '../../media/windows.ts';
import type { XClip } from '../../xclip/xclip.ts';

type Shape = Pick<XClip, 'frames' | 'framing'>;
type Windows = ReturnType<typeof clipWindows>;

/** The clips of a video as a model takes them, uint8 RGB [T, S, S, 3] each. */
export async function clipsOf(path: string, shape: Shape): Promise<Uint8Array[]> {
  const video = await probe(path);
  return read(path, video, clipWindows(video.duration), shape);
}

/** The whole video as one clip. */
export async function wholeClip(path: string, shape: Shape): Promise<Uint8Array> {
  const video = await probe(path);
  const [clip] = await read(path, video, [{ index: 0, start: 0, end: video.duration }], shape);
  return clip as Uint8Array;
}

async function read(path: string, video: Probe, windows: Windows, { frames, framing }: Shape) {
  const shape = { frames, sampling: 'UNIFORM' as const, ...framing };
  const clips: Uint8Array[] = [];
  for await (const clip of readClips(path, video, windows, shape)) clips.push(clip.frames);
  return clips;
}
