import type { EmbeddedClip } from '../store/types.ts';
import { clipBackgrounds } from '../xclip/clip-backgrounds.ts';
import type { SearchParts } from './parts.ts';
import { withFeatures } from './with-features.ts';

/**
 * The same clips, each with the background of the model's present background texts: where they have changed it is
 * computed again from the patch features, without the video, and stored.
 */
export async function currentBackgrounds(
  parts: SearchParts,
  clips: EmbeddedClip[],
  signal?: AbortSignal,
): Promise<EmbeddedClip[]> {
  const { store, model } = parts;
  const { fingerprint, backgroundHash } = model;
  const stale = clips.filter((clip) => clip.backgroundHash !== backgroundHash);
  if (stale.length === 0) return clips;
  const fresh = new Map<EmbeddedClip, EmbeddedClip>();
  const { clips: there, result } = await withFeatures(
    parts,
    stale,
    (located) => clipBackgrounds(model, located, signal),
    signal,
  );
  for (const [i, clip] of there.entries()) {
    const background = result[i] ?? Number.NaN;
    await store.clips.setBackground(clip.videoId, fingerprint, clip.index, background, backgroundHash);
    fresh.set(clip, { ...clip, background, backgroundHash });
  }
  return clips.map((clip) => fresh.get(clip) ?? clip);
}
