import { poster } from '../media/poster.ts';
import type { Probe } from '../media/probe.ts';
import { readClips } from '../media/read-clips.ts';
import { sheet, sheetFrames, tileSize } from '../media/sheet.ts';
import { clipWindows, type Sampling, sampleFrames } from '../media/windows.ts';
import type { Metrics } from '../metrics.ts';
import type { Store } from '../store/store.ts';
import type { Clip, Lease, Video } from '../store/types.ts';
import { clipBackgrounds } from '../xclip/clip-backgrounds.ts';
import type { XClip } from '../xclip/xclip.ts';
import { oneAhead } from './one-ahead.ts';

/** What embedding needs of the rest of the program. */
export interface EmbedParts {
  store: Store;
  model: XClip;
  metrics: Metrics;
}

/**
 * Embeds the clips of a video that are not among the `stored`, one after the other; how many clips it has. The next clip is
 * decoded while this one is encoded. Throws `LeaseLost`, and what `readClips` throws.
 * @param progress called with the share of clips done, 0 to 1
 * @param draw also the video's pictures
 */
export async function embedClips(
  parts: EmbedParts,
  lease: Lease,
  { video, path, probed, stored }: { video: Video; path: string; probed: Probe; stored: Clip[] },
  { progress, draw }: { progress: (share: number) => void; draw: boolean },
  signal: AbortSignal,
): Promise<number> {
  const { store, model } = parts;
  const clips = clipWindows(video.duration, video.segmentation, video.cuts);
  const done = new Set(stored.map((clip) => clip.index));
  progress(done.size / clips.length);
  const onSheet = draw ? sheetFrames(clips.length, model.frames) : [];
  // A clip embedded before an interruption is read again only for what it gives to the video's contact sheet.
  const wanted = clips.filter(
    ({ index }) => !done.has(index) || onSheet.some((shown) => shown.index === index),
  );
  const shape = { frames: model.frames, sampling: model.sampling as Sampling, ...model.framing };
  const { pictures } = store;

  if (draw) {
    const [first = 0] = sampleFrames(probed.times, clips[0] as Clip, shape.frames, shape.sampling);
    await pictures.write(pictures.poster(video.id), await poster(path, probed, first, signal));
  }
  const tilesOnSheet: Uint8Array[] = [];
  for await (const read of oneAhead(readClips(path, probed, wanted, shape, signal))) {
    const { clip, frames, tiles, warnings } = read;
    if (draw && warnings.length > 0) await store.videos.warn(lease, video.id, warnings);
    const shown = onSheet.filter(({ index }) => index === clip.index);
    // Copies: a tile may share its memory with all the others of its clip.
    tilesOnSheet.push(...shown.map(({ i }) => (tiles[i] as Uint8Array).slice()));
    if (done.has(clip.index)) continue;
    if (draw) await pictures.write(pictures.sheet(video, clip.index), await sheet(tiles, tileSize(probed)));
    await embedClip(parts, lease, { ...clip, videoId: video.id, edition: video.edition }, frames, signal);
    done.add(clip.index);
    progress(done.size / clips.length);
  }
  if (draw) await pictures.write(pictures.sheet(video), await sheet(tilesOnSheet, tileSize(probed)));
  return clips.length;
}

/** Encodes and stores one clip. Its features are on the disk before its row says that it is embedded. */
async function embedClip(
  { store, model, metrics }: EmbedParts,
  lease: Lease,
  clip: Clip & { videoId: string; edition: number },
  frames: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const { fingerprint, backgroundHash } = model;
  const { features: form } = model.options;
  const { embedding, patchFeatures: bytes, seconds } = await model.encodeClip(frames, signal);
  metrics.clipEncoded(seconds);
  await store.features.write({ ...clip, model: fingerprint, form }, bytes);
  const [background] = await clipBackgrounds(model, [{ embedding, patchFeatures: { form, bytes } }], signal);
  await store.clips.add(lease, fingerprint, {
    ...clip,
    ...model.options,
    embedding,
    background: background as number,
    backgroundHash,
  });
}
