import { createHash, randomUUID } from 'node:crypto';
import type { EmbeddedClip, Video } from '#src/store/types.js';
import type { Library } from '../open-library.js';

type Form = 'fp16' | 'int8' | 'none';

/** A video whose clips were drawn by chance instead of encoded: its embeddings and patch features mean nothing. */
export interface DrawnVideo {
  id: string;
  title: string;
  clips: (EmbeddedClip & { patchFeatures: { form: Form; bytes: Uint8Array } })[];
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Adds a searchable video with `clips` drawn clips of 10 s through the store, as an ingestion does. */
export async function addDrawnVideo(
  { store, model }: Library,
  random: () => number,
  clips: number,
  tags: string[] = [],
  form: Form = 'fp16',
): Promise<DrawnVideo> {
  const title = `Video ${randomUUID()}`;
  await store.ingestions.create({ source: { kind: 'PATH', name: title, path: '/nowhere' } });
  const worker = randomUUID();
  const ingestion = await store.queue.claim(worker, 30);
  const lease = { id: (ingestion as { id: string }).id, worker };
  const { video } = await store.videos.createFor(lease, {
    ...{ sha256: createHash('sha256').update(title).digest('hex'), title, tags, metadata: {} },
    ...{ duration: clips * 10, width: 64, height: 64, frameRate: 25, warnings: [] },
    source: { kind: 'PATH', path: '/nowhere', size: 1, mtimeMs: 1 },
    segmentation: { clipSeconds: 10, overlap: 0, scenes: false },
  });
  const drawn = Array.from({ length: clips }, (_, index) => drawClip(video, index, model, random, form));
  // All in one, as if of one clip: hundreds of syncs take their time.
  const features = Buffer.concat(drawn.map((clip) => clip.patchFeatures.bytes));
  const key = { model: model.fingerprint, videoId: video.id, edition: 0, index: 0, form };
  await store.features.write(key, features);
  for (const { patchFeatures, ...clip } of drawn) await store.clips.add(lease, model.fingerprint, clip);
  await store.videos.complete(lease, video.id, model.fingerprint, clips);
  await store.queue.succeed(lease, { duplicate: false, videoId: video.id });
  return { id: video.id, title, clips: drawn };
}

function drawClip(video: Video, index: number, model: Library['model'], random: () => number, form: Form) {
  const { patches, dimensions, backgroundHash } = model;
  const direction = Array.from({ length: dimensions }, () => random() - 0.5);
  const length = Math.hypot(...direction);
  return {
    ...{ videoId: video.id, edition: 0, index, start: index * 10, end: (index + 1) * 10 },
    embedding: Float32Array.from(direction, (x) => x / length),
    patchFeatures: { form, bytes: drawFeatures(form, patches, dimensions, random) },
    background: (random() - 0.5) * 20,
    backgroundHash,
    ...model.options,
    features: form,
  };
}

function drawFeatures(form: Form, patches: number, dimensions: number, random: () => number): Uint8Array {
  switch (form) {
    case 'fp16': {
      // Bits of numbers in ±[0.25, 2): the sign, an exponent of 13 to 15, any fraction.
      const half = () =>
        (random() < 0.5 ? 0x8000 : 0) | ((13 + Math.floor(random() * 3)) << 10) | Math.floor(random() * 1024);
      return new Uint8Array(Uint16Array.from({ length: patches * dimensions }, half).buffer);
    }
    case 'int8': {
      const bytes = Uint8Array.from({ length: patches * (4 + dimensions) }, () => random() * 256);
      new Float32Array(bytes.buffer, 0, patches).fill(0.02);
      return bytes;
    }
    case 'none':
      return new Uint8Array();
  }
}
