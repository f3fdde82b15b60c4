import { ClipqlError } from '../errors.ts';
import type { EmbeddedClip } from '../store/types.ts';
import { featureBytes } from '../xclip/feature-layout.ts';
import type { ScorableClip } from '../xclip/xclip.ts';
import type { SearchParts } from './parts.ts';

/**
 * Does `work` on stored clips and their patch features; when a video was deleted meanwhile, again on the others.
 * Returns the clips it was done on, too. Throws `INTERNAL` when the features of a clip cannot be read.
 */
export async function withFeatures<Result>(
  { store, model }: SearchParts,
  clips: EmbeddedClip[],
  work: (clips: ScorableClip[]) => Promise<Result>,
  signal?: AbortSignal,
): Promise<{ clips: EmbeddedClip[]; result: Result }> {
  for (let left = clips; ; ) {
    const { fingerprint, patches, dimensions } = model;
    const located = left.map(({ embedding, videoId, edition, index, features: form }) => {
      const bytes = featureBytes(form, patches, dimensions);
      const location = store.features.location({ model: fingerprint, videoId, edition, index, form }, bytes);
      return { embedding, patchFeatures: { form, ...location } };
    });
    try {
      return { clips: left, result: await work(located) };
    } catch (cause) {
      signal?.throwIfAborted();
      const ids = [...new Set(left.map((clip) => clip.videoId))];
      const there = new Set((await store.videos.getMany(ids)).map((video) => video.id));
      if (there.size === ids.length) {
        const message = 'A stored clip could not be scored. The log of the server says which and why.';
        throw new ClipqlError('INTERNAL', message, { cause });
      }
      left = left.filter((clip) => there.has(clip.videoId));
    }
  }
}
