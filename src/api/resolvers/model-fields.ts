import type { Services } from '../context.ts';
import { publicName } from '../public-name.ts';
import { ModelState, type ModelType } from '../types/model.ts';

/** The model as clients see it. `coverage` is read from the library. */
export async function modelFields({ model, store, modelNotice }: Services): Promise<ModelType> {
  return {
    name: publicName(model.name),
    fingerprint: model.fingerprint,
    bundled: model.bundled,
    notice: modelNotice,
    state: ModelState.READY,
    progress: 1,
    frames: model.frames,
    dimensions: model.dimensions,
    coverage: await store.models.coverage(model.fingerprint),
    calibrated: model.card.relevance.calibrated,
    minRelevance: model.card.relevance.minRelevance,
  };
}
